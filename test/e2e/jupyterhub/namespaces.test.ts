import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { releaseAll } from '../../support/cleanup.ts';
import { type TestNamespaces, withToken, writeNamespaces } from '../../support/namespaces.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { type Hub, startHub } from './hub.ts';
import type { HubProxy } from './proxies.ts';
import type { User } from './user.ts';
import { missingJupyterHub } from './venv.ts';

const missing = missingJupyterHub ?? (anyNginx ? undefined : `no nginx: ${missingNginx}`);

describe('three Hubs on one Signalbox: below a path, at a host, with a domain', () => {
  if (missing !== undefined) {
    test('all of it', ({ skip }) => skip(missing));
    return;
  }

  let box: Signalbox;
  let spaces: TestNamespaces;
  let outside: Backend;
  let hubs: { readonly biology: Hub; readonly physics: Hub; readonly chem: Hub };
  beforeAll(async () => {
    spaces = writeNamespaces({
      biology: 'host: uni.test, path: /bio',
      physics: 'host: physics.test, max-routes: 3',
      chem: 'domain: chem.test',
    });
    box = await startSignalbox({ proxy: anyProxy(), args: ['--host-routing', ...spaces.flags] });
    outside = await startBackend({ name: 'outside' });
    // Looks like a Hub's own, and belongs to none of these.
    await box.api('POST', '/api/routes/old.test/user/ada', { target: outside.url, jupyterhub: true, user: 'ada' });
    const [biology, physics, chem] = await Promise.all([
      startHub({ proxy: proxyFor('biology'), at: { host: 'uni.test', base: '/bio/' }, settings: OFTEN }),
      startHub({ proxy: proxyFor('physics'), at: { host: 'physics.test' }, settings: OFTEN }),
      startHub({ proxy: proxyFor('chem'), host: 'chem.test', settings: OFTEN }),
    ]);
    hubs = { biology, physics, chem };
  }, 120_000);
  afterAll(releaseAll);

  /** How often a Hub compares the table with what it knows: check_routes. */
  const OFTEN = { 'JupyterHub.last_activity_interval': 1 };

  function proxyFor(name: string): HubProxy {
    const token = spaces.tokenOf(name);
    return {
      port: box.port,
      api: { port: box.apiPort, token },
      settings: {
        'ConfigurableHTTPProxy.should_start': false,
        'ConfigurableHTTPProxy.api_url': box.apiUrl,
        'ConfigurableHTTPProxy.auth_token': token,
      },
    };
  }

  const keys = async () => Object.keys((await box.api('GET', '/api/routes')).json<object>()).sort();

  /** Resolves when each Hub has compared its table since: it removes what it does not know. */
  async function checked(): Promise<void> {
    const strays = { biology: '/bio/user/stray', physics: '/user/stray', chem: '/stray.chem.test/user/stray' };
    for (const [name, key] of Object.entries(strays)) {
      const api = withToken(box, spaces.tokenOf(name));
      const body = { target: outside.url, jupyterhub: true, user: 'stray', server_name: '' };
      expect((await api('POST', `/api/routes${key}`, body)).status).toBe(201);
      await until(async () => (await api('GET', `/api/routes${key}`)).status === 404, {
        timeout: 30_000,
        what: `the Hub of ${name} to check its routes`,
      });
    }
  }

  const HUBS = ['/chem.test', '/old.test/user/ada', '/physics.test', '/uni.test/bio'];
  const ADAS = ['/ada.chem.test/user/ada', '/physics.test/user/ada', '/uni.test/bio/user/ada'];
  let adas: { readonly biology: User; readonly physics: User; readonly chem: User };
  let servers: Record<keyof typeof adas, URL>;

  test('users of the same name of each start their servers, and each gets their own', {
    timeout: 180_000,
  }, async () => {
    const [biology, physics, chem] = await Promise.all([
      hubs.biology.logIn('ada'),
      hubs.physics.logIn('ada'),
      hubs.chem.logIn('ada'),
    ]);
    adas = { biology, physics, chem };
    servers = { biology: await biology.spawn(), physics: await physics.spawn(), chem: await chem.spawn() };
    expect(Object.values(servers).map(({ hostname, pathname }) => hostname + pathname)).toEqual([
      'uni.test/bio/user/ada/',
      'physics.test/user/ada/',
      'ada.chem.test/user/ada/',
    ]);
    expect(await keys()).toEqual([...HUBS, ...ADAS].sort());
  });

  test('each Hub sees its own routes alone', async () => {
    expect(Object.keys(await hubs.biology.routes()).sort()).toEqual(['/bio', '/bio/user/ada']);
    expect(Object.keys(await hubs.physics.routes()).sort()).toEqual(['/', '/user/ada']);
    expect(Object.keys(await hubs.chem.routes()).sort()).toEqual(['/', '/ada.chem.test/user/ada']);
  });

  test('none removes or changes what belongs to another when it checks its routes', { timeout: 120_000 }, async () => {
    const before = (await box.api('GET', '/api/routes')).json<Record<string, { target: string }>>();
    await checked();
    await checked();
    const after = (await box.api('GET', '/api/routes')).json<Record<string, { target: string }>>();
    const targets = (table: typeof after) => Object.entries(table).map(([key, { target }]) => `${key} ${target}`);
    expect(targets(after).sort()).toEqual(targets(before).sort());
    for (const hub of Object.values(hubs)) {
      expect(hub.logs()).toContain('Deleting stale route');
      expect(hub.logs()).not.toMatch(/Deleting stale route (?!\S*\/user\/stray\/)/);
      expect(hub.logs()).not.toMatch(/Adding missing route|Updating (Hub )?route/);
    }
  });

  test('kernels run in the servers of all', { timeout: 120_000 }, async () => {
    for (const name of ['biology', 'physics', 'chem'] as const) {
      const kernel = await adas[name].startKernel(servers[name]);
      expect(await kernel.run('6*7')).toBe('42');
      kernel.socket.close();
    }
  });

  test('over its quota a Hub is told at once, and its user sees that the start failed', {
    timeout: 120_000,
  }, async () => {
    const bob = await hubs.physics.logIn('bob');
    await bob.spawn();
    const eve = await hubs.physics.logIn('eve');
    const since = Date.now();
    await eve.hubApi('POST', '/server');
    await until(() => /HTTP 403/.test(hubs.physics.logs()), { timeout: 60_000, what: 'the Hub to be refused' });
    await until(async () => Object.keys(await eve.servers()).length === 0, {
      timeout: 60_000,
      what: 'the start to have failed',
    });
    // A Hub tries again for 30 s what was answered with a 5xx.
    expect(hubs.physics.logs()).not.toContain('retrying');
    expect(Date.now() - since).toBeLessThan(30_000 + 25_000);
    await bob.stop();
  });

  test('a server that stops takes its route with it, and no other', { timeout: 60_000 }, async () => {
    await adas.biology.stop();
    expect(await keys()).toEqual([...HUBS, ...ADAS.slice(0, 2)].sort());
    const status = await adas.physics.browser.fetch('GET', new URL('api/status', servers.physics));
    expect(status.status).toBe(200);
  });

  test('a Hub that starts again finds its routes, and leaves the others', { timeout: 120_000 }, async () => {
    const before = await keys();
    await hubs.chem.stop();
    await hubs.chem.start();
    await checked();
    expect((await keys()).filter((key) => !key.includes('chem'))).toEqual(
      before.filter((key) => !key.includes('chem')),
    );
    expect(await keys()).toContain('/chem.test');
  });
});
