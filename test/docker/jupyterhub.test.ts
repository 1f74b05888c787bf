import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { logIn, welcome } from '../e2e/jupyterhub/user.ts';
import { until } from '../support/wait.ts';
import { describeDocker } from './describe-docker.ts';
import { expectHardened } from './hardened.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology, type Topology } from './topology.ts';

const PASSWORD = 'a password for all';
const folder = join(ROOT, 'docker/jupyterhub');

describeDocker('docker/jupyterhub', ['nginx:1.29', 'quay.io/jupyterhub/jupyterhub:5'], () => {
  let topology: Topology;
  let box: Box;

  beforeAll(async () => {
    topology = await startTopology([join(folder, 'compose.yaml')], {
      SIGNALBOX_IMAGE: IMAGES.sidecar,
      HUB_IMAGE: IMAGES.hub,
      HUB_PASSWORD: PASSWORD,
      PUBLIC_ADDRESS: '127.0.0.1:0',
      API_ADDRESS: '127.0.0.1:0',
    });
    box = new Box(topology.port('pod', 8000), topology.port('pod', 8001));
    await until(async () => (await box.get('/hub/login')).status === 200, { what: 'the Hub', timeout: 60_000 });
  }, 300_000);

  const story =
    'lets a user log in, start a server and run code; its kernel does not notice that Signalbox is restarted';
  it(story, { timeout: 240_000 }, async () => {
    const home = '/srv/jupyterhub/data/ada';
    const write = `mkdir -p ${home} && printf %s '${welcome.text}' > ${home}/${welcome.file}`;
    expect((await topology.container('hub').exec(['sh', '-c', write])).exitCode).toBe(0);
    const ada = await logIn(new URL(box.url), 'ada', PASSWORD);
    const server = await ada.spawn();
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('x = 6 * 7; x')).toBe('42');

    await topology.docker(['kill'], 'signalbox');
    await topology.docker(['start'], 'signalbox');
    await box.untilReady();
    expect(await kernel.run('x + 1')).toBe('43');
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object).sort()).toEqual(['/', '/user/ada']);
    await ada.stop();
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object)).toEqual(['/']);
  });

  it('is hardened', () => expectHardened(topology, ['hub', 'pod', 'nginx', 'signalbox']));
});
