import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { releaseAll } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { until } from '../../support/wait.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';

const apiToken = 'the-token-of-the-external-service';

describeEachProxy('services of a Hub', ['signalbox-beside', 'signalbox-chp', 'traefik-beside', 'chp'], (proxy) => {
  let hub: Hub;
  let external: Backend;
  beforeAll(async () => {
    external = await startBackend({ name: 'outside' });
    const managed = {
      name: 'inside',
      url: `http://127.0.0.1:${await freePort()}`,
      command: ['python', join(import.meta.dirname, 'service.py')],
    };
    const culler = {
      name: 'idle-culler',
      command: ['python', '-m', 'jupyterhub_idle_culler', '--timeout=2', '--cull-every=1'],
    };
    const services = [managed, { name: 'outside', url: external.url, api_token: apiToken }, culler];
    const scopes = ['list:users', 'read:users:activity', 'read:servers', 'delete:servers'];
    const roles = [
      { name: 'culler', scopes, services: ['idle-culler'] },
      { name: 'looker', scopes: ['list:services'], services: ['outside'] },
    ];
    hub = await startHub({
      proxy,
      settings: { 'JupyterHub.services': services, 'JupyterHub.load_roles': roles },
    });
  });
  afterAll(releaseAll);

  test('a managed one is served at its prefix, and knows the Hub from its environment', async () => {
    const answer = await until(
      async () => {
        const got = await hub.get('/services/inside/some/page?x=1');
        return got.status === 200 && got;
      },
      { what: 'the managed service to answer' },
    );
    const { path, env, self } = answer.json<{
      path: string;
      env: Record<string, string>;
      self: { kind: string; name: string };
    }>();
    expect(path).toBe('/services/inside/some/page?x=1');
    expect(env).toMatchObject({
      JUPYTERHUB_SERVICE_NAME: 'inside',
      JUPYTERHUB_SERVICE_PREFIX: '/services/inside/',
      JUPYTERHUB_BASE_URL: '/',
    });
    expect(Object.keys(env)).toEqual(
      expect.arrayContaining(['JUPYTERHUB_API_TOKEN', 'JUPYTERHUB_API_URL', 'JUPYTERHUB_SERVICE_URL']),
    );
    expect(self).toMatchObject({ kind: 'service', name: 'inside' });
  });

  test('an external one is served at its prefix, and uses the API of the Hub through the proxy', async () => {
    const answer = await hub.get('/services/outside/some/page?x=1');
    expect(answer.status).toBe(200);
    const headers: [string, string][] = [['Authorization', `token ${apiToken}`]];
    const services = await rawRequest({ port: hub.port, target: '/hub/api/services', headers });
    expect(Object.keys(services.json<object>()).sort()).toEqual(['idle-culler', 'inside', 'outside']);
  });

  test("one that is down has the Hub's page in its place", async () => {
    await external.close();
    const answer = await hub.get('/services/outside/');
    expect(answer.status).toBe(503);
    expect(answer.header('content-type')).toContain('text/html');
    expect(answer.text()).toContain('JupyterHub');
  });

  test('the idle culler stops a server that nobody uses', async () => {
    const ada = await hub.logIn('ada');
    // Not `spawn`: between two looks of this test the server may have come and gone.
    await ada.browser.visit(new URL('hub/spawn', hub.url));
    await until(() => /Culling server ada/.test(hub.logs()), { timeout: 60_000, what: 'the server to be culled' });
    await until(async () => Object.keys(await ada.servers()).length === 0, { what: 'the server to stop' });
    expect(hub.logs()).toContain('Adding user ada to proxy /user/ada/');
    expect(Object.keys(await hub.routes())).not.toContain('/user/ada');
  });
});
