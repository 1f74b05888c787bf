import { readFileSync } from 'node:fs';
import { describeError } from '../../../errors.ts';
import { ownProcess } from '../../../process/own.ts';
import { commandLine, isAlive } from '../../../process/processes.ts';
import { anyMaster } from '../../../proxies/nginx/workers.ts';
import { type Finding, fail, ok, skipped } from '../check.ts';
import type { Scene } from '../scene.ts';

const SHARE =
  'Let both containers share the pid namespace (pid: service:…, shareProcessNamespace: true), or reload by --reload-command.';

/** Does the pid file name an nginx that we may signal? */
export function pidFile({ config: { driver, managed, nginxPidFile: path, reloadCommand } }: Scene): Finding {
  if (driver !== 'nginx' || managed) return skipped('only for an nginx that someone else runs');
  if (path === undefined) return skipped('there is no nginx-pid-file');
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    return fail(
      missing ? `${path} is not there` : `${path} can't be read: ${describeError(error)}`,
      "nginx's own `pid` directive says where it writes the file (/run/nginx.pid unless told otherwise); in another container that folder must be shared.",
    );
  }
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) return fail(`${path} holds no process id`, 'Is it the pid file of nginx?');
  if (!isAlive(pid)) {
    return fail(
      `${path} names process ${pid}, which is not here`,
      `nginx has ended, or is in another container. ${SHARE}`,
    );
  }
  if (!ownProcess(pid, anyMaster)) {
    const found = commandLine(pid)?.split(' ')[0] || 'something else';
    return fail(
      `${path} names process ${pid}, which is ${found} and no nginx master`,
      `The file is an old one, or nginx is in another container. ${SHARE}`,
    );
  }
  if (maySignal(pid)) return ok(`${path} names nginx, process ${pid}`);
  // The pid file is for looking at its workers then.
  if (reloadCommand !== undefined) return ok(`${path} names nginx, process ${pid}, which the reload command reloads`);
  return fail(
    `nginx, process ${pid}, takes no signals from us: it belongs to another user`,
    'Run Signalbox as the user of the nginx master, or give a --reload-command that may reload it.',
  );
}

function maySignal(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
