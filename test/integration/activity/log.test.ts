import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { sendRaw } from '../../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';
import { open } from '../../support/ws-client.ts';
import { describeCombinations, describeCombinationsOnce } from '../proxying/combinations.ts';

interface Entry {
  last_activity: string;
  stats: { requests: number; bytes: number; openConnections: number; lastStatus: number | null };
}

async function entry(box: Signalbox, route: string): Promise<Entry> {
  return (await box.api('GET', `/api/routes${route}?stats=1`)).json<Entry>();
}

const lastActivity = async (box: Signalbox, route: string) => Date.parse((await entry(box, route)).last_activity);

async function sendRequests(box: Signalbox, path: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 10) {
    await Promise.all(Array.from({ length: 10 }, () => box.get(path)));
  }
}

function twoRoutes(one: Backend, other: Backend): Record<string, string> {
  return { '/user/ada': one.url, '/user/bob': other.url };
}

describeCombinations(({ start, driver }) => {
  test('a request shows within two seconds of its end, on its own route', WALL_CLOCK, async () => {
    const [backend, other] = [await startBackend(), await startBackend()];
    const box = await start({ ...twoRoutes(backend, other), '/': other.url, '/ü "x\\y': other.url });
    const before = Date.now();
    await box.get('/user/ada/x');
    const ended = Date.now();
    const found = await until(
      async () => {
        const one = await entry(box, '/user/ada');
        return one.stats.requests > 0 && one;
      },
      { what: 'the request to be counted', timeout: 2_000 },
    );
    expect(found.stats).toMatchObject({ requests: 1, lastStatus: 200 });
    expect(Date.parse(found.last_activity)).toBeGreaterThanOrEqual(before - 1);
    expect(Date.parse(found.last_activity)).toBeLessThanOrEqual(ended);
    expect(await lastActivity(box, '/user/bob')).toBeLessThan(before);

    await box.get('/%C3%BC%20%22x%5Cy/lab');
    await box.get('/elsewhere');
    await until(async () => (await entry(box, '/%C3%BC%20%22x%5Cy')).stats.requests === 1, { what: 'the odd name' });
    const table = (await box.api('GET', '/api/routes?stats=1')).json<Record<string, Entry>>();
    expect(table['/']?.stats.requests).toBe(1);
    // What is no request has a line in nginx's log, too.
    const garbage = ['GARBAGE\r\n\r\n', 'GET /../../etc/passwd HTTP/1.1\r\n\r\n', '\x16\x03\x01\x02\x00\r\n'];
    if (driver === 'nginx') for (const bytes of garbage) await sendRaw(bytes, { port: box.port });
    await box.get('/user/ada/x');
    await until(async () => (await entry(box, '/user/ada')).stats.requests === 2, { what: 'the last request' });
    expect((await box.api('GET', '/status')).json()).toMatchObject({ activity: { unreadable: 0, blind: null } });
  });
});

describeCombinationsOnce((proxy) => {
  const { start, driver } = proxy;

  test('the log is rotated at its size: every request is counted, and the disk stays small', async () => {
    const backend = await startBackend();
    const route = `/user/${'a'.repeat(200)}`;
    const box = await start({ [route]: backend.url }, '--access-log-size', '100KB');
    const log = join(box.stateDir, driver, 'access.log');
    expect(statSync(log).mode & 0o777).toBe(0o600);
    let hasRotated = false;
    for (let round = 1; round <= 6; round++) {
      await sendRequests(box, `${route}/x`, 400);
      hasRotated ||= existsSync(`${log}.1`);
    }
    expect(hasRotated).toBe(true);
    const requests = async () => (await entry(box, route)).stats.requests;
    await until(async () => (await requests()) === 2_400, { what: 'all requests to be counted' }).catch(
      async (error) => {
        throw new Error(`${await requests()} requests`, { cause: error });
      },
    );
    await until(
      async () => {
        await box.get(`${route}/x`);
        return !existsSync(`${log}.1`);
      },
      { what: 'the old log to go', timeout: 30_000, interval: 500 },
    );
    expect(statSync(log).mode & 0o777).toBe(0o600);
  });

  test('a daemon that is killed misses nothing: requests while it is dead, times and all', async () => {
    const [backend, other] = [await startBackend(), await startBackend()];
    const box = await start(twoRoutes(backend, other));
    await box.get('/user/ada/x');
    const first = await until(
      async () => {
        const { stats, last_activity } = await entry(box, '/user/ada');
        return stats.requests === 1 && Date.parse(last_activity);
      },
      { what: 'the first request' },
    );
    await box.stop('SIGKILL');
    await delay(20);
    const dead = Date.now();
    await sendRequests(box, '/user/bob/x', 20);
    await box.restart();
    const bob = await until(
      async () => {
        const time = await lastActivity(box, '/user/bob');
        return time >= dead && time;
      },
      { what: 'the requests while it was dead' },
    );
    expect(bob).toBeLessThanOrEqual(Date.now());
    expect(await lastActivity(box, '/user/ada')).toBe(first);
  });

  test('data on a websocket counts for each route of its backend, amid requests of its page that are no activity', async () => {
    const backend = await startBackend();
    const routes = { '/user/ada': backend.url, '/services/x': backend.url };
    const box = await start(routes, '--activity-probe-interval', '1200ms');
    const socket = await open(`ws://127.0.0.1:${box.port}/user/ada/ws`);
    // One at least between two looks.
    const timers = [setInterval(() => box.get('/user/ada/status/404').catch(() => undefined), 1_000)];
    await until(async () => (await entry(box, '/user/ada')).stats.requests > 1, { what: 'the lines' });
    const from = Date.now();
    timers.push(setInterval(() => socket.send('hello'), 70));
    onCleanup(() => timers.forEach(clearInterval));
    for (const route of Object.keys(routes)) {
      await until(async () => (await lastActivity(box, route)) >= from, {
        what: `the messages on ${route}`,
        timeout: 20_000,
      });
    }
    expect((await entry(box, '/user/ada')).stats.openConnections).toBeGreaterThanOrEqual(1);
    timers.forEach(clearInterval);
    socket.terminate();
  });

  // Compares times that are a second apart with when a look at the sockets came, which a busy machine delays.
  test('websockets to https targets and IPv6 ones count as others do', WALL_CLOCK, async () => {
    const tls = await startBackend({ tls: makeCertificate() });
    const [v6, silent] = [await startBackend({ host: '::1' }), await startBackend({ tls: makeCertificate() })];
    const routes = { '/tls': tls.url, '/v6': v6.url, '/silent': silent.url };
    const box = await start(routes, '--activity-probe-interval', '300ms', '--insecure');
    const sockets = await Promise.all(
      Object.keys(routes).map((route) => open(`ws://127.0.0.1:${box.port}${route}/ws-silent`)),
    );
    await delay(1_000);
    const from = Date.now();
    sockets[0]?.send('hello');
    sockets[1]?.send('hello');
    for (const route of ['/tls', '/v6']) {
      await until(async () => (await lastActivity(box, route)) >= from, {
        what: `the message to ${route}`,
        timeout: 2_000,
      });
    }
    for (const socket of sockets) socket.terminate();
    await delay(1_500);
    for (const route of Object.keys(routes)) expect(await lastActivity(box, route), route).toBeLessThan(from + 900);
    expect(await lastActivity(box, '/silent')).toBeLessThan(from - 900);
  });

  test("another proxy's log moves times as well", async () => {
    const backend = await startBackend();
    const log = join(makeTempDir(), 'other.log');
    const box = await start({ '/user/ada': backend.url }, '--activity-log', log);
    await delay(50);
    const from = Math.floor(Date.now() / 1000) * 1000;
    const { last_activity } = await entry(box, '/user/ada');
    await delay(Math.max(0, Date.parse(last_activity) + 1_100 - Date.now()));
    const time = nginxTime(new Date());
    appendFileSync(log, `10.0.0.1 - - [${time}] "GET /user/ada/lab HTTP/1.1" 200 5 "-" "x"\ngarbage\n`);
    await until(async () => (await lastActivity(box, '/user/ada')) > Date.parse(last_activity), {
      what: 'the line of the other log',
    });
    expect(await lastActivity(box, '/user/ada')).toBeGreaterThanOrEqual(from);
    expect((await box.api('GET', '/status')).json()).toMatchObject({ activity: { lines: 2, unreadable: 1 } });
  });

  test('--no-activity leaves all that out', async () => {
    const backend = await startBackend();
    const box = await start({ '/user/ada': backend.url }, '--no-activity');
    await box.get('/user/ada/x');
    const shown = (await box.api('GET', '/api/routes/user/ada?stats=1')).json<object>();
    expect(Object.keys(shown)).toEqual(['target', 'last_activity']);
    expect((await box.api('GET', '/status')).json()).toMatchObject({ activity: null });
    const config = join(box.stateDir, driver, driver === 'nginx' ? 'current/signalbox.conf' : 'static.yml');
    const text = readFileSync(config, 'utf8');
    if (driver === 'nginx') expect(text).toContain('access_log off;');
    else expect(text).not.toMatch(/^accessLog:/m);
  });

  test('without ss there is one warning, and /status tells', async () => {
    const args = ['--activity-probe-interval', '100ms'];
    const box = await startSignalbox({ proxy, args, env: { PATH: '/nowhere' } });
    await delay(500);
    expect((await box.api('GET', '/status')).json()).toMatchObject({
      activity: { blind: expect.stringContaining('iproute2') },
    });
    expect(box.logs().match(/open connections cannot be looked at/g)).toHaveLength(1);
  });
});

/** `22/Nov/2026:11:23:37 +0000` */
function nginxTime(date: Date): string {
  const [, day, month, year, clock] = /^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${clock} +0000`;
}
