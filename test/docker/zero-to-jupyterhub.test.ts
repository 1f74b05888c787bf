import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { makeCertificate } from '../support/certificate.ts';
import { rawRequest } from '../support/raw-http.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { openEcho } from '../support/ws-client.ts';
import { describeDocker } from './describe-docker.ts';
import { IMAGES } from './image.ts';
import { Box, startTopology, type Topology } from './topology.ts';

const BACKEND = 'http://hub:9000';

describeDocker("the image in place of configurable-http-proxy's in Zero to JupyterHub", ['traefik:v3.7'], () => {
  let pods: Topology;

  beforeAll(async () => {
    pods = await startTopology([join(import.meta.dirname, 'zero-to-jupyterhub.yaml')], {
      SIGNALBOX_IMAGE: IMAGES.nginx,
      SIGNALBOX_TRAEFIK_IMAGE: IMAGES.traefik,
      TLS_FOLDER: tlsSecret(),
    });
  }, 180_000);

  const kinds = {
    'read-only': 'root file system read-only',
    writable: 'a writable one',
    traefik: 'Traefik, read-only',
  };
  for (const [service, kind] of Object.entries(kinds)) {
    it(`as user 65534 without capabilities, ${kind}: probes, routes, websockets`, async () => {
      const box = new Box(pods.port(service, 8000), pods.port(service, 8001));
      await until(async () => (await box.get('/_chp_healthz')).status === 200, { what: 'its probe' });
      const hub = await until(async () => answered(await box.get('/hub/login')), { what: 'the default target' });
      expect(hub, 'the name hub stands in a search domain').toMatchObject({ url: '/hub/login' });
      await box.add('/user/ada/', BACKEND);
      expect((await box.get('/user/ada/status/200')).status).toBe(200);
      const echo = await openEcho(`${box.url.replace('http', 'ws')}/user/ada/ws`);
      await until(() => echo.report().received > 3, { what: 'echoes' });
      expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });

      const unauthorized = await rawRequest({ port: pods.port(service, 8001), target: '/api/routes' });
      expect(unauthorized.status).toBe(403);
      await box.add('/user/gone/', 'http://127.0.0.1:1');
      const failed = await box.get('/user/gone/');
      expect([failed.status, failed.text()], "the error page is the error target's").toEqual([
        503,
        expect.stringContaining('/hub/error/503'),
      ]);
    });
  }

  it('with a certificate, and a redirect from HTTP to the port of the service', async () => {
    const box = new Box(pods.port('https', 8443), pods.port('https', 8001), true);
    await until(async () => (await box.get('/_chp_healthz')).status === 200, { what: 'its probe' });
    await box.add('/user/ada/', BACKEND);
    expect((await box.get('/user/ada/status/200')).status).toBe(200);
    const plain = await rawRequest({
      port: pods.port('https', 8000),
      target: '/hub/',
      headers: [['Host', 'hub.example']],
    });
    expect([plain.status, plain.header('location')]).toEqual([301, 'https://hub.example/hub/']);
  });

  it('writes below its temporary folder and nowhere else', async () => {
    const changed = (await pods.docker(['diff'], 'writable')).split('\n').filter((line) => !line.startsWith('C '));
    expect(changed).not.toEqual([]);
    for (const line of changed) expect(line).toMatch(/^A \/tmp\/signalbox-chp-65534-/);
  });

  it('ends at a SIGTERM well within the grace period, and leaves nothing behind', async () => {
    const started = performance.now();
    await pods.docker(['stop', '--time', '20'], 'writable');
    expect(performance.now() - started).toBeLessThan(5_000);
    expect(await pods.docker(['inspect', '--format', '{{.State.ExitCode}}'], 'writable')).toBe('2');
    expect(await pods.docker(['diff'], 'writable')).not.toContain('signalbox-chp');
  });
});

/** As a secret is mounted: everyone may read it. */
function tlsSecret(): string {
  const folder = makeTempDir();
  const { key, cert } = makeCertificate();
  writeFileSync(join(folder, 'tls.key'), key);
  writeFileSync(join(folder, 'tls.crt'), cert);
  for (const path of [folder, join(folder, 'tls.key'), join(folder, 'tls.crt')]) chmodSync(path, 0o755);
  return folder;
}

/** What the backend saw, once there is one. */
function answered(answer: { status: number; json(): unknown }): unknown {
  return answer.status === 200 ? answer.json() : undefined;
}
