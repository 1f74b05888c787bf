import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

/** Looks with no descriptor left. */
const script = `
  import { closeSync, openSync } from 'node:fs';
  import { establishedSockets } from ${JSON.stringify(new URL('../../../src/activity/sockets.ts', import.meta.url))};
  const taken = [];
  try {
    for (;;) taken.push(openSync('/dev/null'));
  } catch {}
  const reason = await establishedSockets(() => true).catch(({ message }) => message);
  for (const fd of taken) closeSync(fd);
  console.log(reason);
`;

test('a program that cannot be started, for want of descriptors, is an error and not the end', async () => {
  const command = ['-c', 'ulimit -n 64; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', script];
  const { stdout } = await promisify(execFile)('bash', command);
  expect(stdout).toBe('spawn ss EMFILE\n');
});
