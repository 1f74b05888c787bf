import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { startLoad } from '../support/load.ts';
import { rawRequest } from '../support/raw-http.ts';
import { until } from '../support/wait.ts';
import { openEcho } from '../support/ws-client.ts';
import { describeDocker } from './describe-docker.ts';
import { expectHardened } from './hardened.ts';
import { IMAGES, ROOT } from './image.ts';
import { Box, startTopology, type Topology } from './topology.ts';

const BACKEND = 'http://backend:9000';
const files = [
  join(ROOT, 'docker/traefik-sidecar/compose.yaml'),
  join(import.meta.dirname, 'backend.yaml'),
  join(import.meta.dirname, 'quick.yaml'),
] as const;
const addresses = { PUBLIC_ADDRESS: '127.0.0.1:0', API_ADDRESS: '127.0.0.1:0', TLS_ADDRESS: '127.0.0.1:0' };

describeDocker('docker/traefik-sidecar, Signalbox beside a stock Traefik', ['traefik:v3.7'], () => {
  let topology: Topology;
  let box: Box;

  const boxOf = ({ port }: Topology) => new Box(port('pod', 8000), port('pod', 8001));

  beforeAll(async () => {
    topology = await startTopology(files, { SIGNALBOX_IMAGE: IMAGES.sidecar, ...addresses });
    box = boxOf(topology);
    await box.untilReady();
    await box.add('/user/ada', BACKEND);
  }, 180_000);

  it("serves routes through the operator's middleware", async () => {
    const answer = await box.get('/user/ada/status/200');
    expect([answer.status, answer.header('x-content-type-options')]).toEqual([200, 'nosniff']);
  });

  it('sees the activity of requests', async () => {
    const before = Date.now();
    await box.get('/user/ada/status/200');
    await until(
      async () => {
        const { last_activity } = (await box.api('GET', '/api/routes/user/ada')).json() as { last_activity: string };
        return Date.parse(last_activity) >= before;
      },
      { what: 'the request to count' },
    );
  });

  it('is hardened', () => expectHardened(topology, ['pod', 'traefik', 'signalbox', 'rotation']));

  it('goes on serving while Signalbox is killed and comes back, and loses nothing', async () => {
    const load = startLoad({ url: box.url, paths: ['/user/ada/status/200'], pause: 5 });
    const echo = await openEcho(`${box.url.replace('http', 'ws')}/user/ada/ws`);
    await topology.docker(['kill'], 'signalbox');
    expect((await box.get('/user/ada/status/200')).status).toBe(200);
    await topology.docker(['start'], 'signalbox');
    await box.untilReady();
    await box.add('/user/bob', BACKEND);
    expect(await load.stop()).toMatchObject({ failed: 0 });
    expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
    expect(Object.keys((await box.api('GET', '/api/routes')).json() as object).sort()).toEqual([
      '/user/ada',
      '/user/bob',
    ]);
  });

  it('serves again when Traefik is restarted, while Signalbox is down', async () => {
    await topology.docker(['kill'], 'signalbox');
    await topology.docker(['restart'], 'traefik');
    await until(async () => (await box.get('/user/bob/status/200')).status === 200, { what: 'Traefik alone to serve' });
    await topology.docker(['start'], 'signalbox');
    await box.untilReady();
    await box.add('/user/eve', BACKEND);
    expect((await box.get('/user/eve/status/200')).status).toBe(200);
  });

  it('has everything back when all containers are made anew and the volumes are kept', async () => {
    topology = await topology.again();
    box = boxOf(topology);
    await box.untilReady();
    for (const path of ['/user/ada', '/user/bob', '/user/eve']) {
      await until(async () => (await box.get(`${path}/status/200`)).status === 200, { what: `${path} to be served` });
    }
  });
});

describeDocker("docker/traefik, the same with the operator's TLS", ['traefik:v3.7'], () => {
  // No authority can be asked here, so Traefik shows a certificate of its own; all else is as with one of Let's Encrypt.
  it('serves routes over TLS, for the host alone, and names the resolver', async () => {
    const [base, ...others] = files;
    const topology = await startTopology([base, join(ROOT, 'docker/traefik/lets-encrypt.yaml'), ...others], {
      SIGNALBOX_IMAGE: IMAGES.sidecar,
      HUB_DOMAIN: 'hub.example',
      ...addresses,
    });
    const port = topology.port('pod', 8443);
    const box = new Box(port, topology.port('pod', 8001), true);
    await box.untilReady();
    await box.add('/user/ada', BACKEND);
    const ask = async (host: string) => {
      const request = {
        port,
        tls: true,
        target: '/user/ada/status/200',
        headers: [['Host', host]] as [string, string][],
      };
      return (await rawRequest(request)).status;
    };
    expect([await ask('hub.example'), await ask('other.example')]).toEqual([200, 404]);
    const plain = await rawRequest({
      port: topology.port('pod', 8000),
      target: '/user/ada/',
      headers: [['Host', 'hub.example']],
    });
    expect([plain.status, plain.header('location')]).toEqual([301, 'https://hub.example/user/ada/']);
    const { output } = await topology.container('traefik').exec(['cat', '/etc/traefik/dynamic/signalbox.yml']);
    expect(output).toContain('certResolver: "letsencrypt"');
    const acme = await topology.container('traefik').exec(['stat', '-c', '%u %a', '/acme/acme.json']);
    expect(acme.output.trim(), 'Traefik may keep its certificates').toBe('101 600');
  });
});
