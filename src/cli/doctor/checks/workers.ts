import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { readProc } from '../../../process/processes.ts';
import { nginxPaths } from '../../../proxies/nginx/settings.ts';
import { isMaster, workersOf } from '../../../proxies/nginx/workers.ts';
import { readIfThere } from '../../../system/files.ts';
import { type Check, type Finding, fail, ok, skipped } from '../check.ts';

/** May nginx's workers pass through to the table? They follow its symlinks at each request. */
export const workers: Check = {
  id: 'workers',

  run({ config: { driver, managed, stateDir, nginxPidFile } }): Finding {
    if (driver !== 'nginx') return skipped('the proxy is not nginx');
    const { pidFile, runDir } = nginxPaths(stateDir);
    const worker = firstWorker(managed ? pidFile : nginxPidFile);
    const user = worker === undefined ? undefined : userOf(worker);
    if (user === undefined) return skipped("nginx's workers can't be seen from here");
    if (user.uid === 0) return ok("nginx's workers run as root");
    const barred = foldersAbove(runDir).find((folder) => !mayPass(folder, user));
    if (barred === undefined) return ok(`nginx's workers (user ${user.uid}) may pass through to ${runDir}`);
    return fail(
      `nginx's workers run as user ${user.uid} and cannot pass through ${barred}`,
      `chmod o+x ${barred}, or choose another state-dir. They need not list it, and files in it stay private.`,
    );
  },
};

interface User {
  readonly uid: number;
  readonly groups: readonly number[];
}

function firstWorker(pidFile: string | undefined): number | undefined {
  const master = Number(pidFile && readIfThere(pidFile)?.trim());
  return master > 0 && isMaster(master) ? workersOf(master)?.[0]?.pid : undefined;
}

/** Effective user and all groups; see proc_pid_status(5). */
function userOf(pid: number): User | undefined {
  const status = readProc(`/proc/${pid}/status`) ?? '';
  const numbers = (name: string) => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.trim().split(/\s+/) ?? [];
  const [uid, gid] = [numbers('Uid')[1], numbers('Gid')[1]];
  if (uid === undefined || gid === undefined) return undefined;
  return { uid: Number(uid), groups: [gid, ...numbers('Groups')].map(Number) };
}

/** From the root down. */
function foldersAbove(path: string): string[] {
  const folder = dirname(path);
  return folder === path ? [] : [...foldersAbove(folder), folder];
}

/** By its mode; an access control list may allow more. */
function mayPass(folder: string, { uid, groups }: User): boolean {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return true;
  const bit = stat.uid === uid ? 0o100 : groups.includes(stat.gid) ? 0o010 : 0o001;
  return (stat.mode & bit) !== 0;
}
