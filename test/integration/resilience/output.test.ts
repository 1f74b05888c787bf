import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { BIN } from '../../support/bin.ts';
import { isPortFree } from '../../support/ports.ts';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { mountSmallDisk, noSmallDisk } from '../../support/surroundings/full-disk.ts';
import { makeUnreadPipe } from '../../support/surroundings/unread-pipe.ts';
import { until } from '../../support/wait.ts';
import { isReady, proxyProcesses } from '../scene.ts';

/** A program with its standard output, and its standard error, in a file or a pipe. */
const printingTo = (path: string) =>
  ['/bin/sh', '-c', `exec "$0" "$@" >> '${path}' 2>&1`, process.execPath, BIN] as const;

function startPrintingTo(path: string): Promise<Signalbox> {
  return startSignalbox({ proxy: anyProxy(), command: [...printingTo(path), 'serve'] });
}

async function expectToWorkAndStop(signalbox: Signalbox): Promise<void> {
  await signalbox.add('/user/ada', 'http://127.0.0.1:9');
  signalbox.kill('SIGHUP');
  await until(() => isReady(signalbox), { what: 'the check of the proxy' });
  expect(await signalbox.stop()).toEqual({ code: 0, signal: null });
  expect(proxyProcesses(signalbox.stateDir)).toEqual([]);
  expect(await isPortFree(signalbox.port)).toBe(true);
}

/** The lines of a log as objects; those that were cut off are left out. */
function parsed(log: string): Record<string, unknown>[] {
  return log.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}

it('a daemon goes on when the reader of its log has gone, and tells the next one what was lost', async () => {
  const pipe = await makeUnreadPipe();
  const signalbox = await startPrintingTo(pipe.path);
  pipe.leave();
  await signalbox.add('/user/ada', 'http://127.0.0.1:9');
  await signalbox.remove('/user/ada');
  pipe.enter();
  let log = '';
  await until(
    async () => {
      await signalbox.add('/user/bob', 'http://127.0.0.1:9');
      log += pipe.read();
      return log.includes('were lost');
    },
    { what: 'the line about what was lost' },
  );
  const notices = parsed(log).filter(({ lost }) => lost !== undefined);
  expect(notices).toEqual([expect.objectContaining({ level: 'warn', reason: expect.stringContaining('EPIPE') })]);
  expect(notices[0]?.lost).toBeGreaterThanOrEqual(2);
  pipe.leave();
  await expectToWorkAndStop(signalbox);
});

it('a daemon goes on when the reader of its log stands still, and keeps what it can of it', async () => {
  const pipe = await makeUnreadPipe();
  const signalbox = await startPrintingTo(pipe.path);
  // Each is a line of 20 KB in the log: far more than a pipe takes and the daemon keeps.
  const useless = 'x'.repeat(20_000);
  for (let number = 0; number < 100; number++) await signalbox.add(`/user/${number}`, useless);
  let log = '';
  await until(
    async () => {
      log += pipe.read();
      await signalbox.add('/user/bob', 'http://127.0.0.1:9');
      return log.includes('were lost');
    },
    { what: 'the line about what was lost' },
  );
  const notice = parsed(log).find(({ lost }) => lost !== undefined);
  expect(notice).toMatchObject({ reason: 'nobody read them' });
  expect(notice?.lost).toBeGreaterThan(10);
  await expectToWorkAndStop(signalbox);
});

describeIf(noSmallDisk === undefined, `${noSmallDisk}`, 'a daemon whose log is on a full disk', () => {
  it('goes on, and says what was lost when there is room again', async () => {
    const disk = mountSmallDisk();
    const path = join(disk.path, 'log');
    const signalbox = await startPrintingTo(path);
    disk.leaveBytes(0);
    // What is left of the last block takes some lines.
    for (let number = 0; number < 40; number++) await signalbox.add(`/user/${number}`, 'http://127.0.0.1:9');
    disk.makeRoom();
    await signalbox.add('/user/ada', 'http://127.0.0.1:9');
    // The answer may come before the line that says so.
    const isSaid = (line: Record<string, unknown>) => String(line.path).includes('/user/ada');
    const read = () => parsed(readFileSync(path, 'utf8'));
    await until(() => read().some(({ lost }) => lost !== undefined) && read().some(isSaid), {
      what: 'the lines about what was lost and about the newest request',
    });
    const lines = read();
    const notice = lines.find(({ lost }) => lost !== undefined);
    expect(notice).toMatchObject({ reason: expect.stringContaining('ENOSPC') });
    expect(notice?.lost).toBeGreaterThan(10);
    await expectToWorkAndStop(signalbox);
  });
});

describe('a command that prints more than a pipe takes at once', () => {
  let signalbox: Signalbox;
  let env: Record<string, string>;
  const long = 'x'.repeat(20_000);
  const exportRoutes = [process.execPath, BIN, 'routes', 'export'];

  beforeAll(async () => {
    signalbox = await startSignalbox({ proxy: anyProxy() });
    const table = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`/${index}`, { target: 'http://h', long }]),
    );
    expect((await signalbox.api('PUT', '/api/routes', table)).status).toBe(200);
    env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: signalbox.token };
  });

  /** Pipes a command into another; its exit code comes last on standard error. */
  const pipedInto = (reader: string) =>
    runProcess('/bin/sh', ['-c', `{ "$0" "$@"; echo "code $?" >&2; } | ${reader}`, ...exportRoutes], { env });

  it('prints all of it for a slow reader', async () => {
    const { stdout, stderr } = await pipedInto('{ sleep 1; cat; }');
    expect(stderr).toBe('code 0\n');
    expect(Object.keys(JSON.parse(stdout))).toHaveLength(20);
  });

  it('ends quietly when its reader has seen enough', async () => {
    expect(await pipedInto('head -c 1')).toMatchObject({ stdout: '{', stderr: 'code 141\n' });
  });

  it('fails on a full disk', async () => {
    const { code, stderr } = await runProcess('/bin/sh', ['-c', '"$0" "$@" > /dev/full', ...exportRoutes], { env });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^signalbox: the output cannot be written: ENOSPC/);
  });
});
