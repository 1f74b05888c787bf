import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { expect, it, onTestFinished, test } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { complaintsOf, findViolations, missingChromium, openPage, testChromium } from '../support/chromium.ts';
import { onCleanup } from '../support/cleanup.ts';
import { startForwarder } from '../support/forwarder.ts';
import { startLoad } from '../support/load.ts';
import { describeEachNginx } from '../support/nginx.ts';
import { missingPgBouncer, startPgBouncer } from '../support/pgbouncer.ts';
import { describeAnyPostgres, describeEachPostgres, makePassword, startPostgresForTest } from '../support/postgres.ts';
import { isAlive } from '../support/process-tree.ts';
import { nginxProxy } from '../support/proxies.ts';
import { startSignalbox } from '../support/signalbox.ts';
import { describeIf, testIf } from '../support/skip.ts';
import { type Observation, TruthWatch } from '../support/truth.ts';
import { Users } from '../support/users.ts';
import { until, within } from '../support/wait.ts';
import { openEcho } from '../support/ws-client.ts';

describeEachNginx('the daemon as tests start it', (nginx) => {
  test('serves a route, and nginx outlives a kill -9 until the next daemon takes it over', async () => {
    const signalbox = await startSignalbox({ proxy: nginxProxy(nginx) });
    const backend = await startBackend({ name: 'ada' });
    await signalbox.add('/user/ada', backend.url, { user: 'ada' });
    expect((await signalbox.get('/user/ada/x')).json()).toMatchObject({ backend: 'ada', url: '/user/ada/x' });
    expect((await signalbox.api('GET', '/api/routes/user/ada')).json()).toMatchObject({ user: 'ada' });

    const load = startLoad({ url: signalbox.url, paths: ['/user/ada/'], connections: 2, pause: 2 });
    const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`);
    const { pid } = signalbox;
    const proxy = signalbox.proxyPid();
    expect(await signalbox.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    const before = backend.counts.requests;
    await until(() => backend.counts.requests > before + 20, { what: 'requests without a daemon' });
    await signalbox.restart();
    expect(signalbox.pid).not.toBe(pid);
    expect(signalbox.proxyPid()).toBe(proxy);
    expect(await load.stop()).toMatchObject({ failed: 0 });
    expect(await echo.stop()).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0 });

    await signalbox.remove('/user/ada');
    expect((await signalbox.get('/user/ada/x')).status).toBe(404);
    expect((await signalbox.stop()).code).toBe(0);
    await until(() => proxy !== undefined && !isAlive(proxy), { what: 'nginx to end with the daemon' });
  });
});

/** Of a daemon that says this for a moment, watched with less patience than tests have. */
async function watched(said: Partial<Observation>, patienceMs = 20): Promise<TruthWatch> {
  const well: Observation = { ready: 200, generation: { wanted: 3, served: 3 }, up: true, users: { '/': 200 } };
  let looks = 0;
  const look = async () => {
    looks++;
    return { ...well, ...said };
  };
  const watch = new TruthWatch({ look, everyMs: 5, patienceMs });
  await until(() => looks > 15, { what: 'looks' });
  return watch;
}

it.each<[string, Partial<Observation>, RegExp]>([
  ['calls itself ready while users get 404', { users: { '/user/ada/': 404 } }, /\/user\/ada\/ gets: 404/],
  ['calls itself ready while nobody answers', { users: { '/': 'no answer within 3000 ms' } }, /no answer/],
  ['calls itself ready with an older table', { generation: { wanted: 3, served: 2 } }, /newest generation/],
  ['calls itself ready without a proxy', { up: false }, /not up/],
])('the watch over the truth fails the tests of a daemon that %s', async (_, said, message) => {
  const watch = await watched(said);
  expect(() => watch.stop()).toThrow(message);
});

it.each<[string, Partial<Observation>]>([
  ['all is well', {}],
  ['it says that it is not ready', { ready: 503, users: { '/': 404 }, up: false }],
  ["the backend's answer is an error", { users: { '/': 503 } }],
])('the watch over the truth is content when %s', async (_, said) => {
  const watch = await watched(said);
  expect(() => watch.stop()).not.toThrow();
});

it('the watch over the truth lets a contradiction pass that ends in time', async () => {
  const watch = await watched({ up: false }, 60_000);
  expect(() => watch.stop()).not.toThrow();
});

/** The public port of a proxy that answers for nobody: who asks it gets 404. */
async function silentProxy(): Promise<number> {
  const server = createServer((_, response) => response.writeHead(404).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => server.close());
  return (server.address() as AddressInfo).port;
}

it('a 201 fails the test when a user of the route gets 404, and not when somebody else removed it meanwhile', async () => {
  const [backend, port] = [await startBackend(), await silentProxy()];
  const users = new Users(port, async () => ({ '/user/ada': { target: backend.url } }));
  await expect(users.check('/user/ada', backend.url)).rejects.toThrow(/201 for \/user\/ada, and a user gets 404/);
  await new Users(port, async () => ({})).check('/user/ada', backend.url);
});

it('a 204 fails the test when a user of the route still gets its backend, and not when another route leads there', async () => {
  const backend = await startBackend();
  await expect(new Users(backend.port, async () => ({})).check('/user/ada')).rejects.toThrow(/204 .* not 404/);
  await new Users(backend.port, async () => ({ '/': { target: backend.url } })).check('/user/ada');
});

/** A connection over TCP, as a daemon has it. */
async function connectTo(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, ssl: false });
  client.on('error', () => {});
  await client.connect();
  onCleanup(() => client.end());
  return client;
}

/** Not once(): an error comes before the end. */
function ending(client: pg.Client): Promise<void> {
  return new Promise((resolve) => client.once('end', resolve));
}

describeEachPostgres('the database as tests start it', (server) => {
  test('keeps its data through a stop and a kill -9, and is not ended by a pause', async () => {
    const postgres = await startPostgresForTest({ server });
    await postgres.query('CREATE TABLE t (n int)');
    for (const end of [postgres.stop, postgres.kill]) {
      const client = await connectTo(postgres.url);
      await client.query('INSERT INTO t VALUES (1)');
      const ended = ending(client);
      await end();
      await within(5_000, 'the connection to end', ended);
      await expect(postgres.query('SELECT 1')).rejects.toThrow(/ENOENT|ECONNREFUSED/);
      await postgres.start();
    }
    expect(await postgres.query('SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 2 }]);
    const client = await connectTo(postgres.url);
    postgres.pause();
    let answered = false;
    const answer = client.query('SELECT 1').then(() => {
      answered = true;
    });
    await expect(within(200, 'an answer', answer)).rejects.toThrow('timed out');
    expect(answered).toBe(false);
    postgres.resume();
    await answer;
  });

  test('has a standby, which follows and can be promoted', async () => {
    const primary = await startPostgresForTest({ server });
    await primary.query('CREATE TABLE t (n int)');
    const standby = await primary.standby();
    onTestFinished(() => standby.stop());
    await primary.query('INSERT INTO t VALUES (7)');
    await until(async () => (await standby.query('SELECT n FROM t')).length === 1, { what: 'the row in the standby' });
    await expect(standby.query('INSERT INTO t VALUES (8)')).rejects.toThrow(/read-only transaction/);
    await primary.kill();
    await standby.promote();
    await standby.query('INSERT INTO t VALUES (8)');
    expect(await standby.query('SELECT n FROM t ORDER BY n')).toEqual([{ n: 7 }, { n: 8 }]);
  });

  test('asks for a password when it is to', async () => {
    const postgres = await startPostgresForTest({ server, password: makePassword() });
    await connectTo(postgres.url);
    const wrong = new URL(postgres.url);
    wrong.password = 'wrong';
    await expect(connectTo(wrong.href)).rejects.toThrow('password authentication failed');
  });
});

describeAnyPostgres('a cable to the database', () => {
  test('can be cut without a word, mended, made slow, and pulled out', async () => {
    const postgres = await startPostgresForTest();
    const forwarder = await startForwarder(postgres.port);
    const url = postgres.url.replace(`:${postgres.port}`, `:${forwarder.port}`);
    const client = await connectTo(url);
    await client.query('SELECT 1');

    forwarder.cut();
    const answer = client.query('SELECT 2 AS n');
    const late = connectTo(url);
    await expect(within(200, 'an answer', Promise.race([answer, late]))).rejects.toThrow('timed out');
    forwarder.cut();
    forwarder.restore();
    expect((await answer).rows).toEqual([{ n: 2 }]);
    await late;

    forwarder.delay(60);
    const start = performance.now();
    await client.query('SELECT 3');
    expect(performance.now() - start).toBeGreaterThan(115);
    forwarder.delay(0);

    const ended = ending(client);
    forwarder.drop();
    await within(5_000, 'the connection to end', ended);
    await connectTo(url);
  });

  testIf(!missingPgBouncer, missingPgBouncer)('can have a pooler in it, in transaction mode', async () => {
    const pooler = await startPgBouncer(await startPostgresForTest());
    const clients = await Promise.all(Array.from({ length: 12 }, () => connectTo(pooler.url)));
    const pids = await Promise.all(clients.map((client) => client.query('SELECT pg_backend_pid() AS pid')));
    expect(new Set(pids.map(({ rows }) => rows[0].pid)).size).toBeLessThanOrEqual(5);
    await pooler.stop();
    await expect(connectTo(pooler.url)).rejects.toThrow('ECONNREFUSED');
  });
});

describeIf(testChromium, missingChromium, 'a page of Chromium', () => {
  const show = async (html: string, expected: RegExp[] = []) => {
    const server = createServer((_request, response) => {
      response.setHeader('Content-Security-Policy', "default-src 'none'; require-trusted-types-for 'script'");
      response.end(`<!doctype html><html lang="en"><title>page</title><main><h1>Page</h1>${html}</main></html>`);
    }).listen(0, '127.0.0.1');
    onCleanup(() => server.close());
    await once(server, 'listening');
    const page = await openPage({ expected });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return page;
  };

  test('is told of when it complains', async () => {
    const page = await openPage({ expected: [/./] });
    const complaints = complaintsOf(page.context(), [/expected/]);
    await page.evaluate(`
      console.log('no complaint');
      console.error('an expected error');
      console.error('an error');
      console.warn('a warning');
      alert('a dialog');
      setTimeout(() => { throw new Error('an exception'); });
      void Promise.reject(new Error('a rejection'));`);
    await until(() => complaints.length >= 5, { what: 'complaints' });
    expect(complaints.toSorted()).toEqual([
      'console: a warning',
      'console: an error',
      'dialog: a dialog',
      'exception: a rejection',
      'exception: an exception',
    ]);
  });

  test('is looked at by axe-core whatever its CSP is', async () => {
    expect(await findViolations(await show('<p>good</p>'))).toEqual([]);
    expect(await findViolations(await show('<img src="data:,">', [/img-src/]))).toEqual([
      expect.stringMatching(/^image-alt: <img/),
    ]);
  });
});
