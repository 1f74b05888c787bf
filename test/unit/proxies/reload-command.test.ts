import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runReloadCommand } from '../../../src/proxies/nginx/reload-command.ts';
import { isAlive } from '../../support/process-tree.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

describe('a reload command', () => {
  const pidIn = (file: string) => Number(readFileSync(file, 'utf8'));

  it('that fails is quoted with its last words', async () => {
    const command = 'echo nothing of it >&2; echo "no such unit" >&2; exit 3';
    await expect(runReloadCommand(command)).rejects.toThrow('the reload command failed: no such unit');
    await expect(runReloadCommand('exit 3')).rejects.toThrow('the reload command failed: it ended with status 3');
  });

  it('that leaves something in the background with its output open has ended all the same', async () => {
    const file = join(makeTempDir(), 'pid');
    await runReloadCommand(`sleep 600 & echo $! > ${file}`);
    const pid = pidIn(file);
    expect(isAlive(pid)).toBe(true);
    process.kill(pid, 'SIGKILL');
  });

  it('that asks gets no answer, and no terminal', async () => {
    await expect(runReloadCommand('read answer || { echo "a password is required" >&2; exit 1; }')).rejects.toThrow(
      'a password is required',
    );
  });

  it('that talks a lot is let talk', () =>
    runReloadCommand('head -c 4000000 /dev/zero; head -c 4000000 /dev/zero >&2'));

  it('that hangs is ended with all that it started', async () => {
    const file = join(makeTempDir(), 'pid');
    const command = `sleep 600 & echo $! > ${file}; sleep 600`;
    await expect(runReloadCommand(command, 1_000)).rejects.toThrow('it did not end within 1 s');
    await until(() => !isAlive(pidIn(file)), { what: 'the end of all of it' });
  });
});
