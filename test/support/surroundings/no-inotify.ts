import { onCleanup } from '../cleanup.ts';
import { type Child, startProcess } from '../process.ts';

/** A user of whom no test but ours runs anything. */
export const CROWDED = { name: 'games', uid: 5 };

/** inotify_init(2), which no program of a small system calls for us. */
const SYSCALLS: Partial<Record<NodeJS.Architecture, string>> = { x64: '294, 0', arm64: '26, 0' };
const TAKE = `$| = 1; my $n = 0; $n++ while syscall(${SYSCALLS[process.arch]}) >= 0; print "$n taken\\n"; sleep 600`;

/** Why it can't be had here; undefined when it can. */
export const noCrowd =
  process.getuid?.() !== 0 ? 'as root' : SYSCALLS[process.arch] === undefined ? `not on ${process.arch}` : undefined;

/** Uses up all that a user may have of inotify, until `release` is called. */
export async function takeInotify({ uid } = CROWDED): Promise<{ release(): Promise<void> }> {
  const holders: Child[] = [];
  const release = onCleanup(async () => {
    for (const holder of holders) await holder.stop('SIGKILL');
  });
  const own = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  // Each may have as many files open as it may, so the next takes what is left.
  for (let taken = '1'; taken !== '0'; ) {
    const holder = startProcess('setpriv', [...own, 'perl', '-e', TAKE]);
    holders.push(holder);
    taken = (await holder.waitForOutput(/(\d+) taken/))[1] as string;
  }
  return { release };
}
