import { expect, it } from 'vitest';
import { hasEnded, type Mark, ownProcess, ownProcesses, signal } from '../../../src/process/own.ts';
import { startProcess } from '../../support/process.ts';
import { until } from '../../support/wait.ts';

const linux = process.platform === 'linux';
let counter = 0;

/** A process with a name that no other has, once it has it. */
async function startNamed() {
  const name = `signalbox-test-${process.pid}-${++counter}`;
  const child = startProcess('bash', ['-c', `exec -a '${name} (of) a test' sleep 600`]);
  const bearsName: Mark = ({ command }) => command.startsWith(name);
  await until(() => ownProcess(child.pid, bearsName), { what: 'it to have its name' });
  return { child, bearsName };
}

it.runIf(linux)('knows a process by its name and its user, and finds it among all', async () => {
  const { child, bearsName } = await startNamed();
  const isOurs: Mark = (seen) => bearsName(seen) && seen.uid() === process.geteuid?.();
  expect(ownProcesses(isOurs).map(({ pid }) => pid)).toEqual([child.pid]);
  const isAnothers: Mark = (seen) => bearsName(seen) && seen.uid() === 4242;
  expect(ownProcess(child.pid, isAnothers)).toBeUndefined();
  expect(ownProcesses(isAnothers)).toEqual([]);
});

it.runIf(linux)('signals a process that is what it was', async () => {
  const { child, bearsName } = await startNamed();
  const known = ownProcess(child.pid, bearsName);
  if (!known) throw new Error('it is not seen');
  expect(known.startedAt).toMatch(/^\d+$/);
  expect(hasEnded(known)).toBe(false);
  expect(signal(known, 'SIGTERM')).toBe(true);
  expect(await child.exited).toMatchObject({ signal: 'SIGTERM' });
  expect(hasEnded(known)).toBe(true);
  expect(signal(known, 'SIGTERM')).toBe(false);
});

it.runIf(linux)('signals no later process that got its number, be it of the same name', async () => {
  const { child, bearsName } = await startNamed();
  const known = ownProcess(child.pid, bearsName);
  if (!known) throw new Error('it is not seen');
  const earlier = { ...known, startedAt: '1' };
  expect(hasEnded(earlier)).toBe(true);
  expect(signal(earlier, 'SIGKILL')).toBe(false);
  // Nor one that calls itself otherwise by now.
  expect(signal({ ...known, mark: () => false }, 'SIGKILL')).toBe(false);
  expect(child.exit()).toBeUndefined();
});

it.runIf(linux)('says that a process of another user takes no signals from us', async ({ skip }) => {
  if (process.getuid?.() === 0) skip('root may signal all');
  const init = ownProcess(1, () => true);
  if (!init) return skip('the first process is not to be seen');
  expect(() => signal(init, 'SIGUSR1')).toThrow('EPERM');
});
