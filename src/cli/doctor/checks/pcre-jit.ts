import { statSync } from 'node:fs';
import { commandLine } from '../../../process/processes.ts';
import { run } from '../../../process/run.ts';
import { type Finding, ok, skipped, warn } from '../check.ts';
import { masterIn } from '../nginx-master.ts';
import type { Scene } from '../scene.ts';

/** Does nginx compile regular expressions? Only its outermost level can say so, which a sidecar's operator writes. */
export async function pcreJit({ config: { driver, managed, nginxPidFile } }: Scene): Promise<Finding> {
  if (driver !== 'nginx' || managed) return skipped('only for an nginx that someone else runs');
  const pid = masterIn(nginxPidFile);
  if (pid === undefined) return skipped('the process of nginx is not known (nginx-pid-file)');
  const setting = await settingOf(pid);
  if (setting === undefined) {
    return skipped(`the configuration of process ${pid} can't be read: it is another user's, or in another container`);
  }
  if (setting === 'on') return ok('nginx compiles regular expressions (pcre_jit)');
  return warn(
    'pcre_jit is off: nginx interprets the regular expressions that each request needs',
    'Put "pcre_jit on;" at the outermost level of nginx.conf, outside all blocks, and reload nginx.',
  );
}

/** What the files say that the nginx of that process would read now; `nginx -T` prints them. */
async function settingOf(pid: number): Promise<'on' | 'off' | undefined> {
  if (!hasOurFiles(pid)) return undefined;
  // Its title has the command line behind it.
  const title = commandLine(pid) ?? '';
  const where = [...title.matchAll(/ (-[cpe]) (\S+)/g)].flatMap(([, flag = '', path = '']) => [flag, path]);
  const global = / -g (.*)/.exec(title)?.[1] ?? '';
  let isOn = isSwitchedOn(global);
  const { failure } = await run(`/proc/${pid}/exe`, ['-T', '-q', ...where], {
    onLine: (line) => {
      isOn ||= isSwitchedOn(line);
    },
  });
  if (failure !== undefined) return undefined;
  return isOn ? 'on' : 'off';
}

function isSwitchedOn(line: string): boolean {
  return /^[^#]*\bpcre_jit\s+on\s*;/.test(line);
}

/** Is its root folder ours, and not a container's? */
function hasOurFiles(pid: number): boolean {
  try {
    const [theirs, ours] = [statSync(`/proc/${pid}/root/`), statSync('/')];
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false;
  }
}
