import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import type { FleetStatus } from '../../src/store/fleet.ts';
import { startLoad } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { type EchoClient, openEcho } from '../support/ws-client.ts';
import { describeDocker } from './describe-docker.ts';
import { expectHardened } from './hardened.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology, type Topology } from './topology.ts';

const BACKEND = 'http://backend:9000';
const REPLICAS = ['signalbox-1', 'signalbox-2', 'signalbox-3'] as const;
type Replica = (typeof REPLICAS)[number];
const PATH = '/user/ada/status/200';
const SOCKETS = 12;
/** A dead replica is waited for until its lease and the time for balancers are over: 3 s and 5 s after its last sign of life. */
const GIVEN_UP_MS = 9_500;
const files = [
  join(ROOT, 'docker/fleet/compose.yaml'),
  join(import.meta.dirname, 'backend.yaml'),
  join(import.meta.dirname, 'fleet.yaml'),
] as const;

describeDocker('docker/fleet, replicas behind HAProxy', ['haproxy:3.2', 'postgres:17'], () => {
  let topology: Topology;
  let box: Box;

  beforeAll(async () => {
    topology = await startTopology(files, {
      SIGNALBOX_IMAGE: IMAGES.nginx,
      DATABASE_PASSWORD: 'a password @ of the tests',
      PUBLIC_ADDRESS: '127.0.0.1:0',
      API_ADDRESS: '127.0.0.1:0',
    });
    box = await boxOf('balancer');
    await allReady();
    await box.add('/user/ada', BACKEND);
  }, 180_000);

  /** Asked for each time: a container that was started again has other ports. */
  async function boxOf(service: Replica | 'balancer'): Promise<Box> {
    const ports = await topology.docker(['port'], service);
    const port = (inside: number) =>
      Number(new RegExp(`^${inside}/tcp -> 127\\.0\\.0\\.1:(\\d+)$`, 'm').exec(ports)?.[1]);
    return new Box(port(8000), port(8001));
  }

  /** All of them, and the balancer knows it. */
  async function allReady(): Promise<void> {
    for (const replica of REPLICAS) {
      await until(async () => (await (await boxOf(replica)).api('GET', '/readyz')).status === 200, {
        what: `${replica} to be ready`,
        timeout: 30_000,
        interval: 100,
      });
    }
    const box = await boxOf('balancer');
    await until(async () => (await box.api('GET', '/readyz')).status === 200, { what: 'the balancer' });
    await until(async () => (await inRotation()) === REPLICAS.length, { what: 'the balancer to have found all' });
  }

  /** How many replicas have got a request of the last ones. */
  async function inRotation(): Promise<number> {
    const asked = await Promise.all(
      Array.from({ length: 12 }, async () => {
        const { fleet } = (await box.api('GET', '/status')).json() as { fleet: FleetStatus };
        return fleet.replicas.find(({ self }) => self)?.name;
      }),
    );
    return new Set(asked).size;
  }

  async function openSockets(): Promise<EchoClient[]> {
    return Promise.all(Array.from({ length: SOCKETS }, () => openEcho(`${box.url.replace('http', 'ws')}/user/ada/ws`)));
  }

  /** Ends them; resolves to how often one had to be opened again. */
  async function reopened(sockets: readonly EchoClient[]): Promise<number> {
    const reports = await Promise.all(sockets.map((socket) => socket.stop()));
    return reports.reduce((sum, { reconnects }) => sum + reconnects, 0);
  }

  /** Connections of the balancer to the public side of a replica. */
  async function connectionsOf(replica: Replica): Promise<number> {
    const { output } = await topology
      .container(replica)
      .exec(['sh', '-c', "ss -Htn state established '( sport = :8000 )' | wc -l"]);
    return Number(output);
  }

  async function addWithin(ms: number, key: string): Promise<void> {
    const began = performance.now();
    await box.add(key, BACKEND);
    expect(performance.now() - began, `${key} took`).toBeLessThan(ms);
  }

  it('answers a change through the balancer when every replica serves it', async () => {
    for (let round = 0; round < 6; round++) {
      await box.add(`/round/${round}`, BACKEND);
      for (const replica of REPLICAS) {
        expect((await (await boxOf(replica)).get(`/round/${round}/status/200`)).status, replica).toBe(200);
      }
    }
  });

  it('is hardened', () => expectHardened(topology, ['balancer', 'database', ...REPLICAS]));

  it.each(REPLICAS)(
    '%s is killed: its connections end, and no request fails that is sent once more',
    async (replica) => {
      const sockets = await openSockets();
      const concerned = await connectionsOf(replica);
      expect(concerned).toBeLessThan(SOCKETS);
      const load = startLoad({ url: box.url, paths: [PATH], pause: 10, secondTry: true });

      await topology.docker(['kill'], replica);
      await addWithin(GIVEN_UP_MS, `/killed/${replica}/first`);
      await addWithin(3_000, `/killed/${replica}/second`);
      await topology.docker(['start'], replica);
      await allReady();
      await addWithin(3_000, `/killed/${replica}/third`);

      expect(await load.stop()).toMatchObject({ failed: 0 });
      const ended = await reopened(sockets);
      expect(ended).toBeGreaterThan(0);
      expect(ended).toBeLessThanOrEqual(concerned);
      for (const one of REPLICAS) {
        expect((await (await boxOf(one)).get(`/killed/${replica}/first/status/200`)).status, one).toBe(200);
      }
    },
  );

  const away = [
    { how: 'stop', back: 'start' },
    { how: 'kill', back: 'start' },
    { how: 'pause', back: 'unpause' },
  ];
  it.each(away)('the database is gone ($how) and comes back: users notice nothing', async ({ how, back }) => {
    const sockets = await openSockets();
    const load = startLoad({ url: box.url, paths: [PATH], pause: 10 });
    const add = () => box.api('POST', `/api/routes/database/${how}`, { target: BACKEND });
    await topology.docker([how], 'database');
    // One that hangs is waited for much longer than here.
    if (how !== 'pause') {
      const refused = await add();
      expect([refused.status, refused.json()]).toEqual([503, expect.objectContaining({ code: 'STORE_FAILED' })]);
    }
    const answer = await until(
      async () => {
        const table = await box.api('GET', '/api/routes');
        return Number(table.header('signalbox-stale')) >= 6 && table;
      },
      { what: 'all leases to be over', timeout: 15_000 },
    );
    expect(answer.json()).toHaveProperty('/user/ada');

    await topology.docker([back], 'database');
    await until(async () => (await add()).status === 201, { what: 'changes to be taken again', timeout: 20_000 });
    await allReady();
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    expect(await reopened(sockets)).toBe(0);
  });

  it('the balancer is killed and comes back: it finds the replicas, and the table is as it was', async () => {
    const before = (await box.api('GET', '/api/routes')).json();
    await topology.docker(['kill'], 'balancer');
    await topology.docker(['start'], 'balancer');
    box = await boxOf('balancer');
    await until(async () => (await box.get(PATH)).status === 200, { what: 'users to be served' });
    await allReady();
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object)).toEqual(Object.keys(before as object));
  });

  it('replicas are replaced one by one: no request fails, and every change is answered', {
    timeout: 240_000,
  }, async () => {
    const load = startLoad({ url: box.url, paths: [PATH], pause: 10 });
    const sockets = await openSockets();
    const slowest = { ms: 0 };
    const done = new AbortController();
    const changes = (async () => {
      for (let count = 0; !done.signal.aborted; count++) {
        const began = performance.now();
        await box.add(`/replaced/${count % 10}`, `${BACKEND}/${count}`);
        slowest.ms = Math.max(slowest.ms, performance.now() - began);
      }
    })();
    for (const replica of REPLICAS) {
      // As for a new image.
      await topology.compose(['up', '--detach', '--no-deps', '--force-recreate', '--wait', replica]);
      await allReady();
    }
    done.abort();
    await changes;
    expect(await load.stop()).toMatchObject({ failed: 0, failures: [] });
    expect(slowest.ms).toBeLessThan(5_000);
    // Each of them may have met all three.
    expect(await reopened(sockets)).toBeLessThanOrEqual(SOCKETS * REPLICAS.length);
  });
});
