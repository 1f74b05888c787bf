import { appendFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { describeEachProxyOnce } from '../../support/proxies.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { removeUnreadable, unreadableLogs } from '../../support/surroundings/unreadable-log.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { startSidecar } from '../doctor/sidecar.ts';
import { describeCombinationsOnce } from '../proxying/combinations.ts';

const sizeOf = (path: string) => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

async function requests(box: Signalbox): Promise<number> {
  return (await box.api('GET', '/api/routes/user/ada?stats=1')).json<{ stats: { requests: number } }>().stats.requests;
}

async function use(box: Signalbox): Promise<void> {
  const before = await requests(box);
  expect((await box.get('/user/ada/x')).status).toBe(200);
  await until(async () => (await requests(box)) > before, { what: 'the request to be counted' });
}

async function expectHealthy(box: Signalbox): Promise<void> {
  for (const path of ['/readyz', '/status', '/metrics']) expect((await box.api('GET', path)).status, path).toBe(200);
}

/** Requests are counted, and their lines come into the file that has the name, which alone is kept small. */
async function untilWritten(box: Signalbox, log: string): Promise<void> {
  await use(box);
  await until(
    async () => {
      await box.get('/user/ada/x');
      return sizeOf(log) > 0;
    },
    { what: 'the proxy to write into the file with the name', timeout: 30_000, interval: 200 },
  );
  await use(box);
}

const replace = (log: string) => {
  writeFileSync(`${log}-other`, '');
  renameSync(`${log}-other`, log);
};

describeCombinationsOnce(({ start, driver }) => {
  test('logs that cannot be opened after their rotation are read on when they can be, and harm nothing else', async () => {
    const backend = await startBackend();
    const folder = makeTempDir();
    const ways = Object.values(unreadableLogs).map((makeUnreadable, index) => ({
      makeUnreadable,
      log: join(folder, `other-${index}.log`),
    }));
    const line = (status: number) => `${Date.now() / 1_000} ${status} 0.1 1 1 1 -OK /user/ada\n`;
    for (const { log } of ways) writeFileSync(log, line(200));
    const flags = ways.flatMap(({ log }) => ['--activity-log', log]);
    const box = await start({ '/user/ada': backend.url }, '--activity-format', 'signalbox', ...flags);
    const lines = async () => (await box.api('GET', '/status')).json<{ activity: { lines: number } }>().activity.lines;
    await until(async () => (await lines()) === ways.length, { what: 'the first lines' });

    for (const { log, makeUnreadable } of ways) {
      renameSync(log, `${log}.1`);
      makeUnreadable(log);
    }
    const complaints = () => box.logs().match(/an access log cannot be read/g)?.length ?? 0;
    await until(() => complaints() === ways.length, { what: 'a complaint of each' });
    // Longer than it takes to move the same file away more often than there are files that are held.
    for (const until = Date.now() + 5_000; Date.now() < until; await expectHealthy(box)) await box.get('/user/ada/x');
    for (const { log } of ways) {
      removeUnreadable(log);
      appendFileSync(log, line(200));
    }
    const before = await lines();
    await until(async () => (await lines()) >= before + ways.length, { what: 'the lines of the new files' });
    await expectHealthy(box);
    await use(box);
    expect(complaints()).toBe(ways.length);
  });

  test('its own log that is deleted, replaced or blocked comes back, also when that happened while the daemon was dead', async () => {
    const backend = await startBackend();
    const box = await start({ '/user/ada': backend.url });
    const log = join(box.stateDir, driver, 'access.log');
    await untilWritten(box, log);
    renameSync(log, `${log}.aside`);
    mkdirSync(log);
    await until(() => box.logs().includes('an access log cannot be read'), { what: 'a complaint' });
    await use(box);
    await expectHealthy(box);
    removeUnreadable(log);
    await untilWritten(box, log);
    expect(statSync(log).mode & 0o777).toBe(0o600);
    for (const harm of [rmSync, replace]) {
      await box.stop('SIGKILL');
      harm(log);
      await box.restart();
      await untilWritten(box, log);
    }
    rmSync(log);
    await untilWritten(box, log);
  });
});

describeEachProxyOnce(
  'beside an nginx that someone else runs',
  (proxy) => {
    test('a log that was deleted while the daemon was away comes back where nginx may be told, else there is a warning', async () => {
      const backend = await startBackend();
      const { signalbox: box, pidFile } = await startSidecar(proxy);
      const log = join(box.stateDir, 'nginx/access.log');
      await box.add('/user/ada', backend.url);
      await untilWritten(box, log);
      await box.stop();
      rmSync(log);
      await box.restart();
      await until(() => box.logs().includes('have the proxy open its logs anew'), { what: 'the warning' });
      await box.stop();
      await box.restart(['--nginx-pid-file', pidFile]);
      await untilWritten(box, log);
      rmSync(log);
      await untilWritten(box, log);
    });
  },
  ['nginx'],
);
