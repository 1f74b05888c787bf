import { execFile } from 'node:child_process';
import { SignalboxError } from '../../errors.ts';

/** The oldest nginx that tests run against. */
const OLDEST = [1, 22] as const;

/** Throws PROXY_MISSING when the program does not run or is too old. A relative of nginx with a version of its own is let pass. */
export async function checkVersion(nginx: string): Promise<void> {
  const said = await versionText(nginx);
  const match = /^nginx version: nginx\/(\d+)\.(\d+)\S*/m.exec(said);
  if (!match) return;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new SignalboxError('PROXY_MISSING', `${nginx} is nginx ${match[1]}.${match[2]}, which is too old`, {
    hint: `Signalbox needs nginx ${OLDEST.join('.')} or newer; say where one is with --nginx PATH.`,
  });
}

function versionText(nginx: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(nginx, ['-v'], { timeout: 10_000 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout + stderr);
      const said = stderr.trim().split('\n', 1)[0];
      reject(
        new SignalboxError('PROXY_MISSING', `${nginx} does not run: ${said || error.message}`, {
          hint: 'Say where nginx is with --nginx PATH.',
        }),
      );
    });
  });
}
