import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { OpenPage } from '../e2e/jupyterhub/dashboard/visitor.ts';
import { logIn, welcome } from '../e2e/jupyterhub/user.ts';
import { until } from '../support/wait.ts';
import { describeDocker } from './describe-docker.ts';
import { expectHardened } from './hardened.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology, type Topology } from './topology.ts';

const PASSWORD = 'a password for all';
const folder = join(ROOT, 'docker/jupyterhub');
const PORTS = { PUBLIC_ADDRESS: '127.0.0.1:0', API_ADDRESS: '127.0.0.1:0' };

/** A page that the server of a user shows to nobody else. */
async function writeWelcome(topology: Topology, user: string): Promise<void> {
  const home = `/srv/jupyterhub/data/${user}`;
  const write = `mkdir -p ${home} && printf %s '${welcome.text}' > ${home}/${welcome.file}`;
  expect((await topology.container('hub').exec(['sh', '-c', write])).exitCode).toBe(0);
}

function untilHub(box: Box): Promise<unknown> {
  return until(async () => (await box.get('/hub/login')).status === 200, { what: 'the Hub', timeout: 60_000 });
}

describeDocker('docker/jupyterhub', ['nginx:1.29', 'quay.io/jupyterhub/jupyterhub:5'], () => {
  let topology: Topology;
  let box: Box;

  beforeAll(async () => {
    topology = await startTopology([join(folder, 'compose.yaml'), join(folder, 'dashboard.yaml')], {
      SIGNALBOX_IMAGE: IMAGES.sidecar,
      HUB_IMAGE: IMAGES.hub,
      HUB_PASSWORD: PASSWORD,
      DASHBOARD_TOKEN: 'the-token-of-the-dashboard',
      ...PORTS,
    });
    box = new Box(topology.port('pod', 8000), topology.port('pod', 8001));
    await untilHub(box);
  }, 300_000);

  const story =
    'lets a user log in, start a server and run code; its kernel does not notice that Signalbox is restarted';
  it(story, { timeout: 240_000 }, async () => {
    await writeWelcome(topology, 'ada');
    const ada = await logIn(new URL(box.url), 'ada', PASSWORD);
    const server = await ada.spawn();
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('x = 6 * 7; x')).toBe('42');

    await topology.docker(['kill'], 'signalbox');
    await topology.docker(['start'], 'signalbox');
    await box.untilReady();
    expect(await kernel.run('x + 1')).toBe('43');
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object).sort()).toEqual([
      ...['/', '/services/signalbox', '/user/ada'],
    ]);
    await ada.stop();
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object)).toEqual(['/', '/services/signalbox']);
  });

  it('shows the dashboard to who is in the group, after signing in at the Hub', async () => {
    const operator = await logIn(new URL(box.url), 'operator', PASSWORD);
    const dashboard = new URL('/services/signalbox/', box.url);
    await until(async () => (await box.get('/services/signalbox/healthz')).status === 200, { what: 'the dashboard' });
    const page = await OpenPage.visit(operator.browser, dashboard);
    expect(await page.me()).toMatchObject({ name: 'operator', mayOperate: true });
    expect((await page.get('status')).status).toBe(200);
    expect((await page.act('sync')).status).toBe(200);
    const another = await logIn(new URL(box.url), 'bob', PASSWORD);
    expect((await another.browser.visit(dashboard)).answer.status).toBe(403);
  });

  it('is hardened', () => expectHardened(topology, ['hub', 'pod', 'nginx', 'signalbox', 'dashboard']));
});

describeDocker(
  'docker/fleet with JupyterHub',
  ['haproxy:3.2', 'postgres:17', 'quay.io/jupyterhub/jupyterhub:5'],
  () => {
    const story = 'lets users log in, start servers and run code, also just after a replica was killed';
    it(story, { timeout: 360_000 }, async () => {
      const fleet = join(ROOT, 'docker/fleet');
      const topology = await startTopology([join(fleet, 'compose.yaml'), join(fleet, 'jupyterhub.yaml')], {
        SIGNALBOX_IMAGE: IMAGES.nginx,
        HUB_IMAGE: IMAGES.hub,
        HUB_PASSWORD: PASSWORD,
        DATABASE_PASSWORD: 'of-the-database',
        ...PORTS,
      });
      const box = new Box(topology.port('balancer', 8000), topology.port('balancer', 8001));
      await untilHub(box);
      for (const user of ['ada', 'bob']) await writeWelcome(topology, user);
      const ada = await logIn(new URL(box.url), 'ada', PASSWORD);
      const server = await ada.spawn();
      expect(await (await ada.startKernel(server)).run('6 * 7')).toBe('42');

      await topology.docker(['kill'], 'signalbox-1');
      // Both came in through any of them.
      const bob = await logIn(new URL(box.url), 'bob', PASSWORD);
      expect(await (await bob.startKernel(await bob.spawn())).run('6 * 8')).toBe('48');
      expect(await (await ada.startKernel(server)).run('6 * 9')).toBe('54');
      expect(Object.keys((await box.api('GET', '/api/routes')).json() as object).sort()).toEqual([
        '/',
        '/user/ada',
        '/user/bob',
      ]);
      await ada.stop();
      await bob.stop();
    });
  },
);
