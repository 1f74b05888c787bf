import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startLoad } from '../support/load.ts';
import { until } from '../support/wait.ts';
import { openEcho } from '../support/ws-client.ts';
import { describeDocker } from './describe-docker.ts';
import { expectHardened } from './hardened.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology, type Topology } from './topology.ts';

const BACKEND = 'http://backend:9000';
const files = [
  join(ROOT, 'docker/nginx-sidecar/compose.yaml'),
  join(import.meta.dirname, 'backend.yaml'),
  join(import.meta.dirname, 'quick.yaml'),
] as const;

describeDocker('docker/nginx-sidecar, Signalbox beside a stock nginx', ['nginx:1.29'], () => {
  let topology: Topology;
  let box: Box;

  const boxOf = ({ port }: Topology) => new Box(port('pod', 8000), port('pod', 8001));

  beforeAll(async () => {
    topology = await startTopology(files, {
      SIGNALBOX_IMAGE: IMAGES.sidecar,
      PUBLIC_ADDRESS: '127.0.0.1:0',
      API_ADDRESS: '127.0.0.1:0',
    });
    box = boxOf(topology);
    await box.untilReady();
    await box.add('/user/ada', BACKEND);
  }, 180_000);

  it('serves routes, also one that takes a reload', async () => {
    expect((await box.get('/user/ada/status/200')).status).toBe(200);
    // A depth that was not in use before.
    await box.add('/a/b/c/d/e', BACKEND);
    expect((await box.get('/a/b/c/d/e/status/200')).status).toBe(200);
    expect((await box.api('GET', '/status')).json()).toMatchObject({ reloads: 1, activity: { blind: null } });
  });

  it('sees the activity of requests, and of a websocket that is open', async () => {
    const lastActivity = async () => {
      const { last_activity } = (await box.api('GET', '/api/routes/user/ada')).json() as { last_activity: string };
      return Date.parse(last_activity);
    };
    const before = Date.now();
    await box.get('/user/ada/status/200');
    await until(async () => (await lastActivity()) >= before, { what: 'the request to count' });
    const echo = await openEcho(`${box.url.replace('http', 'ws')}/user/ada/ws`);
    const opened = Date.now();
    // Its log line comes when it ends: only the sockets show it.
    await until(async () => (await lastActivity()) > opened + 1_000, {
      what: 'the websocket to count',
      timeout: 40_000,
    });
    expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
  });

  it('is hardened', () => expectHardened(topology, ['pod', 'nginx', 'signalbox']));

  it('keeps its access log small by having nginx open a new one', async () => {
    const load = startLoad({ url: box.url, paths: ['/user/ada/status/200'] });
    const size = async () => {
      const { output } = await topology
        .container('signalbox')
        .exec(['stat', '-c', '%s', '/var/lib/signalbox/nginx/access.log']);
      return Number(output);
    };
    let largest = 0;
    await until(
      async () => {
        const now = await size();
        const shrank = now < largest;
        largest = Math.max(largest, now);
        return shrank;
      },
      { what: 'a log that starts anew', timeout: 40_000 },
    );
    expect(await load.stop()).toMatchObject({ failed: 0 });
    const { activity } = (await box.api('GET', '/status')).json() as { activity: { unreadable: number } };
    expect(activity.unreadable).toBe(0);
  });

  it('goes on serving while Signalbox is killed and comes back, and loses nothing', async () => {
    const load = startLoad({ url: box.url, paths: ['/user/ada/status/200', '/a/b/c/d/e/status/200'], pause: 5 });
    const echo = await openEcho(`${box.url.replace('http', 'ws')}/user/ada/ws`);
    await topology.docker(['kill'], 'signalbox');
    expect((await box.get('/user/ada/status/200')).status).toBe(200);
    await topology.docker(['start'], 'signalbox');
    await box.untilReady();
    await box.add('/user/bob', BACKEND);
    expect(await load.stop()).toMatchObject({ failed: 0, retried: 0 });
    expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object).sort()).toEqual([
      '/a/b/c/d/e',
      '/user/ada',
      '/user/bob',
    ]);
  });

  it('finds nginx again when its container is restarted', async () => {
    await topology.docker(['restart'], 'nginx');
    await until(async () => (await box.get('/user/bob/status/200')).status === 200, { what: 'nginx to be back' });
    await box.untilReady();
    await box.add('/user/eve', BACKEND);
    expect((await box.get('/user/eve/status/200')).status).toBe(200);
  });

  it('serves again after both were killed, before Signalbox is back', async () => {
    await Promise.all([topology.docker(['kill'], 'signalbox'), topology.docker(['kill'], 'nginx')]);
    await topology.docker(['start'], 'nginx');
    await until(async () => (await box.get('/user/eve/status/200')).status === 200, { what: 'nginx alone to serve' });
    await topology.docker(['start'], 'signalbox');
    await box.untilReady();
  });

  it('is healthy by its HEALTHCHECK', async () => {
    const health = () => topology.docker(['inspect', '--format', '{{.State.Health.Status}}'], 'signalbox');
    await until(async () => (await health()) === 'healthy', {
      what: 'the health check',
      timeout: 30_000,
      interval: 200,
    });
  });

  it('has everything back when all containers are made anew and the volumes are kept', async () => {
    topology = await topology.again();
    box = boxOf(topology);
    await box.untilReady();
    for (const path of ['/user/ada', '/user/bob', '/user/eve', '/a/b/c/d/e']) {
      await until(async () => (await box.get(`${path}/status/200`)).status === 200, { what: `${path} to be served` });
    }
  });
});
