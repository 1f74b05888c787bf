import { execFile } from 'node:child_process';
import { SignalboxError } from '../../errors.ts';

/** The oldest nginx that tests run against. */
const OLDEST = [1, 22] as const;

export interface NginxVersion {
  readonly major: number;
  readonly minor: number;
}

/** What can be rendered for an nginx. */
export interface NginxBuild {
  /** undefined for a relative of nginx with a version of its own. */
  readonly version: NginxVersion | undefined;
  /** Standard parts that it was built without: `http_ssi_module`, `http-cache`. */
  readonly without: readonly string[];
}

/** What `nginx -V` says. Throws PROXY_MISSING when it does not run. */
export async function readBuild(nginx: string): Promise<NginxBuild> {
  const text = await versionText(nginx);
  const match = /^nginx version: nginx\/(\d+)\.(\d+)\S*/m.exec(text);
  return {
    version: match ? { major: Number(match[1]), minor: Number(match[2]) } : undefined,
    without: [...text.matchAll(/ --without-(\S+)/g)].map(([, part = '']) => part),
  };
}

export async function readVersion(nginx: string): Promise<NginxVersion | undefined> {
  return (await readBuild(nginx)).version;
}

/** Throws PROXY_MISSING when the program is too old. */
export function checkVersion(nginx: string, version: NginxVersion | undefined): void {
  if (!version) return;
  const { major, minor } = version;
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return;
  throw new SignalboxError('PROXY_MISSING', `${nginx} is nginx ${major}.${minor}, which is too old`, {
    hint: `Signalbox needs nginx ${OLDEST.join('.')} or newer; say where one is with --nginx PATH.`,
  });
}

/** All that `nginx -V` says. */
export function versionText(nginx: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(nginx, ['-V'], { timeout: 10_000 }, (error, stdout, stderr) => {
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
