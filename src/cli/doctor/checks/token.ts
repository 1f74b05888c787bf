import { readdirSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { canSeeProcesses, commandLine } from '../../../process/processes.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Can other users of the machine read the token? */
export function token({ config: { token, tokenFile } }: Scene): Finding {
  if (token === undefined) return skipped('there is no token');
  const mode = tokenFile === undefined ? 0 : (statSync(tokenFile, { throwIfNoEntry: false })?.mode ?? 0);
  const mend = `chmod 600 ${tokenFile} (Kubernetes: defaultMode: 0400), then choose a new token`;
  if ((mode & 0o004) !== 0) return fail(`every user of this machine can read the token in ${tokenFile}`, mend);
  if ((mode & 0o040) !== 0) return warn(`the group of ${tokenFile} can read the token`, mend);
  const seen = processesWith(token);
  if (seen.length > 0) {
    return fail(
      `the token stands on the command line of ${seen.join(', ')}, which every user can see`,
      'Give it in the environment or in a file, then choose a new one.',
    );
  }
  return ok(tokenFile === undefined ? 'it stands on no command line' : `only its owner can read ${tokenFile}`);
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
