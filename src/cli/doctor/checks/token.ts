import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { canSeeProcesses, commandLine } from '../../../process/processes.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Can other users of the machine read a token? */
export function token({ config: { token, tokenFile, readToken, readTokenFile, namespaces = [] } }: Scene): Finding {
  if (token === undefined) return skipped('there is no token');
  const files = [tokenFile, readTokenFile, ...namespaces.map((one) => one.tokenFile.path)].filter(
    (file) => file !== undefined,
  );
  const readableBy = (who: number) => files.find((file) => (modeOf(file) & who) !== 0);
  const mend = (file: string) => `chmod 600 ${file} (Kubernetes: defaultMode: 0400), then choose a new token`;
  const [byAll, byGroup] = [readableBy(0o004), readableBy(0o040)];
  if (byAll !== undefined) return fail(`every user of this machine can read the token in ${byAll}`, mend(byAll));
  if (byGroup !== undefined) return warn(`the group of ${byGroup} can read the token`, mend(byGroup));
  const seen = [token, readToken].flatMap((one) => (one === undefined ? [] : processesWith(one)));
  if (seen.length > 0) {
    return fail(
      `the token stands on the command line of ${seen.join(', ')}, which every user can see`,
      'Give it in the environment or in a file, then choose a new one.',
    );
  }
  return ok(files.length === 0 ? 'it stands on no command line' : `only its owner can read ${files.join(', ')}`);
}

function modeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mode ?? 0;
}

function processesWith(token: string): string[] {
  // A short one would be found by chance.
  if (token.length < 8 || !canSeeProcesses) return [];
  const others = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  return others.flatMap((pid) => {
    const line = commandLine(Number(pid)) ?? '';
    return line.includes(token) ? [`${basename(line.split(' ')[0] ?? '')} (pid ${pid})`] : [];
  });
}
