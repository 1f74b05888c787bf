import { ownProcess } from '../../../process/own.ts';
import { pidInFile } from '../../../process/pid-in-file.ts';
import { readProc } from '../../../process/processes.ts';
import { nginxPaths } from '../../../proxies/nginx/settings.ts';
import { anyMaster, workersOf } from '../../../proxies/nginx/workers.ts';
import { closedFolder } from '../../../system/users.ts';
import { type Finding, fail, ok, skipped } from '../check.ts';
import type { Scene } from '../scene.ts';

/** May nginx's workers pass through to the table? They follow its symlinks at each request. */
export function workers({ config: { driver, managed, stateDir, nginxPidFile } }: Scene): Finding {
  if (driver !== 'nginx') return skipped('the proxy is not nginx');
  const { pidFile, runDir } = nginxPaths(stateDir);
  const worker = firstWorker(managed ? pidFile : nginxPidFile);
  const user = worker === undefined ? undefined : userOf(worker);
  if (user === undefined) return skipped("nginx's workers can't be seen from here");
  if (user.uid === 0) return ok("nginx's workers run as root");
  const barred = closedFolder(runDir, user);
  if (barred === undefined) return ok(`nginx's workers (user ${user.uid}) may pass through to ${runDir}`);
  return fail(
    `nginx's workers run as user ${user.uid} and cannot pass through ${barred}`,
    `chmod o+x ${barred}, or choose another state-dir. They need not list it, and files in it stay private.`,
  );
}

function firstWorker(pidFile: string | undefined): number | undefined {
  const master = pidFile === undefined ? undefined : pidInFile(pidFile);
  return master !== undefined && ownProcess(master, anyMaster) ? workersOf(master)?.[0]?.pid : undefined;
}

/** Effective user and all groups; see proc_pid_status(5). */
export function userOf(pid: number): { uid: number; gid: number; groups: number[] } | undefined {
  const status = readProc(`/proc/${pid}/status`) ?? '';
  const numbers = (name: string) =>
    (new RegExp(`^${name}:(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number);
  const [uid, gid] = [numbers('Uid')[1], numbers('Gid')[1]];
  return uid === undefined || gid === undefined ? undefined : { uid, gid, groups: numbers('Groups') };
}
