import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProcess } from '../process.ts';
import { makeTempDir } from '../tmp.ts';

/** Runs a program with a hosts file of the test's own: in a mount namespace, so that the machine's is never touched. */
export const withHosts = (file: string): readonly [string, ...string[]] => [
  'unshare',
  '-m',
  '/bin/sh',
  '-c',
  'mount --bind "$0" /etc/hosts && exec "$@"',
  file,
];

/** A hosts file with these lines and localhost. */
export function hostsFile(...lines: string[]): string {
  const file = join(makeTempDir(), 'hosts');
  setHosts(file, ...lines);
  return file;
}

export function setHosts(file: string, ...lines: string[]): void {
  writeFileSync(file, `127.0.0.1 localhost\n${lines.join('\n')}\n`);
}

/** Why a hosts file of one's own can't be had, undefined where it can. */
export async function noOwnHosts(): Promise<string | undefined> {
  const [command, ...args] = withHosts(hostsFile());
  const allowed = process.platform === 'linux' && (await runProcess(command, [...args, '/bin/true'])).code === 0;
  return allowed ? undefined : 'a hosts file of its own takes root on Linux';
}
