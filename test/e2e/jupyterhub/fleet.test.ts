import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Member, startFleet, synchronousStandby, tableOf, untilReady } from '../../integration/fleet/scene.ts';
import { releaseAll } from '../../support/cleanup.ts';
import { type Balancer, missingHaproxy, startHaproxy } from '../../support/haproxy.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { missingPostgres, type Postgres, startPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { until } from '../../support/wait.ts';
import { type Hub, startHub } from './hub.ts';
import { HubUsers } from './hub-users.ts';
import { missingJupyterHub } from './venv.ts';

const missing =
  missingJupyterHub ??
  (missingPostgres || missingHaproxy || (anyNginx ? '' : `no nginx: ${missingNginx}`) || undefined);

// One story: also where `npm run stress` shuffles tests.
describe('a Hub whose proxy is a fleet behind HAProxy', { shuffle: false }, () => {
  if (missing !== undefined) {
    test('all of it', ({ skip }) => skip(missing));
    return;
  }

  let primary: Postgres;
  let standby: Postgres;
  let members: readonly Member[];
  let first: Member;
  let second: Member;
  let balancer: Balancer;
  let hub: Hub;
  let users: HubUsers;
  /** Users who are at work all the time. */
  let work: Promise<readonly string[]>;
  let isOver = false;

  beforeAll(async () => {
    primary = await startPostgres({ settings: { max_wal_senders: 10 } });
    standby = await synchronousStandby(primary);
    // More than 0.5 s and what the balancer takes (docs/fleet.md).
    ({ members } = await startFleet({ proxy: anyProxy(), postgres: primary, args: ['--leave-time', '3s'] }));
    [first, second] = members as [Member, Member, Member];
    balancer = await startHaproxy(members);
    const hubPort = await freePort();
    hub = await startHub({
      proxy: {
        port: balancer.port,
        api: { port: balancer.apiPort, token: first.token },
        settings: {
          'ConfigurableHTTPProxy.should_start': false,
          'ConfigurableHTTPProxy.api_url': `http://127.0.0.1:${balancer.apiPort}`,
          'ConfigurableHTTPProxy.auth_token': first.token,
        },
      },
      settings: {
        'JupyterHub.hub_port': hubPort,
        // How often it compares the table with its servers: check_routes.
        'JupyterHub.last_activity_interval': 2,
        'Spawner.cmd': ['python', join(import.meta.dirname, 'tiny_server.py')],
        'Spawner.args': [],
        ...HubUsers.settings,
      },
    });
    users = new HubUsers(hubPort, balancer.port);
    work = atWork();
  }, 120_000);
  afterAll(releaseAll);

  /** Users whose servers run ask for something, one after the other. Resolves to what went wrong. */
  async function atWork(): Promise<readonly string[]> {
    const failed: string[] = [];
    for (let count = 0; !isOver; count += 1) {
      const name = users.ready[count % users.ready.length];
      if (name === undefined)
        await until(() => isOver || users.ready.length > 0, { what: 'a server', timeout: 60_000 });
      else {
        const got = await users.visit(name);
        if (got !== name) failed.push(`${new Date().toISOString()} ${name} got ${got}`);
      }
    }
    return failed;
  }

  /** The primary is gone; the standby takes its place and its address. */
  async function failOver(): Promise<void> {
    await primary.kill();
    await standby.promote();
    for (const { cable } of members) {
      cable.lead(standby.port);
      cable.drop();
    }
  }

  /** Resolves when the Hub has compared the table with its servers since: it removes what looks like its own and is not. */
  async function untilChecked(): Promise<void> {
    await first.add('/user/stray', 'http://127.0.0.1:9', { jupyterhub: true, user: 'stray', server_name: '' });
    const isGone = async () => !Object.hasOwn(await tableOf(first), '/user/stray');
    await until(isGone, { what: 'the Hub to check its routes', timeout: 30_000 });
  }

  const accidents: readonly (readonly [string, () => Promise<unknown>])[] = [
    ['a replica is killed', () => first.stop('SIGKILL')],
    ['it starts again', () => first.restart()],
    ['another one is told to end', () => second.stop('SIGTERM', 30_000)],
    ['it starts again, too', () => second.restart()],
    ['the primary dies, and the standby takes its place', failOver],
  ];

  test.each(accidents)(
    'users start their servers while %s, and who is told that hers is ready gets it',
    {
      timeout: 120_000,
    },
    async (_, accident) => {
      const before = users.spawned.length;
      const [spawned] = await Promise.all([
        users.spawn(10, 4),
        until(() => users.spawned.length > before, { what: 'a server', timeout: 60_000 }).then(accident),
      ]);
      expect(
        spawned.filter(({ isReady }) => isReady).flatMap(({ name, got }) => got.filter((one) => one !== name)),
      ).toEqual([]);
      for (const { name, isReady } of spawned) {
        if (isReady) continue;
        // The proxy said that it can't, or nothing: else the Hub's own error is in its log.
        expect(hub.logs()).toContain(`Failed to add ${name} to proxy!`);
        expect(hub.logs()).toMatch(/api_request to the proxy failed with status code 5\d\d/);
      }
    },
  );

  test('users who are at work notice nothing of it, and nobody loses her server when the Hub checks its routes', {
    timeout: 60_000,
  }, async () => {
    for (const member of members) await untilReady(member);
    await untilChecked();
    isOver = true;
    expect(await work).toEqual([]);
    const stale = [...hub.logs().matchAll(/Deleting stale route (\S+)/g)].map(([, route]) => route);
    const failed = users.spawned.filter(({ isReady }) => !isReady).map(({ name }) => `/user/${name}/`);
    expect(stale.filter((route) => !failed.includes(route as string))).toEqual(['/user/stray/']);
    expect(hub.logs()).not.toMatch(/Updating (Hub )?route/);
  });

  test('all replicas have the same table in the end, and it is that of the servers that the Hub runs', async () => {
    const running = await users.running();
    expect(running).toEqual([...users.ready].sort());
    const tables = await Promise.all(members.map(tableOf));
    for (const table of tables) {
      expect(table).toEqual(tables[0]);
      expect(Object.keys(table).sort()).toEqual(['/', ...running.map((name) => `/user/${name}`)]);
    }
    for (const member of members) {
      const { refused } = (await member.api('GET', '/status')).json<{ refused: unknown[] }>();
      expect(refused).toEqual([]);
      for (const name of running) expect((await member.get(`/user/${name}/`)).text()).toBe(name);
    }
  });

  test('a user whose start failed can start her server now', { timeout: 60_000 }, async () => {
    for (const { name, isReady } of [...users.spawned]) {
      if (!isReady) expect(await users.start(name)).toMatchObject({ isReady: true, got: [name, name, name] });
    }
  });

  test('requests move last_activity, through whichever replica they came', async () => {
    for (const [index, member] of members.entries()) {
      const name = users.ready[index] as string;
      const since = Date.now();
      await until(() => Date.now() > since, { what: 'another millisecond' });
      await rawRequest({ port: member.port, target: `/user/${name}/` });
      await until(
        async () => {
          const table = (await member.api('GET', '/api/routes')).json<Record<string, { last_activity: string }>>();
          return Date.parse(table[`/user/${name}`]?.last_activity ?? '') > since;
        },
        { what: `last_activity of ${name} to move` },
      );
    }
  });
});
