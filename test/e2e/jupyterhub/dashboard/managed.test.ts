import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { HubServers, HubUser, Me } from '../../../../src/dashboard/page-api.ts';
import { BIN } from '../../../support/bin.ts';
import { releaseAll } from '../../../support/cleanup.ts';
import { freePort } from '../../../support/ports.ts';
import { type Child, startProcess } from '../../../support/process.ts';
import { rawRequest } from '../../../support/raw-http.ts';
import { until } from '../../../support/wait.ts';
import { Browser, type Page } from '../browser.ts';
import { describeEachProxy } from '../each-proxy.ts';
import { type Hub, startHub } from '../hub.ts';
import type { HubProxy } from '../proxies.ts';
import { logIn, type User } from '../user.ts';
import { configFromDocs, environmentFromDocs } from './docs.ts';
import { daemonOf } from './services.ts';
import { OpenPage } from './visitor.ts';

const TOKENS = {
  tests: 'the-token-of-the-tests-0',
  outside: 'the-token-of-outside-00',
  ops: 'the-token-of-ops-000000',
};
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  `o'hara "x" \\`,
  'a#b?c%2f&d=e',
  '%2e%2ex',
  'grüße 中文 👩‍👩‍👧',
  '\u202egpj.exe',
];

// Its services are those of docs/jupyterhub.md. One story of one Hub: who is somebody's session in one test may be out of it in the next.
describeEachProxy('the dashboard as a service of a Hub', ['signalbox-beside'], (proxy) => {
  describe('in one story', { shuffle: false }, () => {
    let hub: Hub;
    /** `/services/outside/`, not started by the Hub. */
    let outside: Child;
    /** On an origin of its own. */
    let ops: Child;
    let opsUrl: URL;
    /** What must be in no log. */
    const secrets = new Set<string>();

    beforeAll(async () => {
      const [port, outsidePort, opsPort] = [await freePort(), await freePort(), await freePort()];
      opsUrl = new URL(`http://ops.test:${opsPort}/signalbox/`);
      const opsCallback = `${opsUrl}oauth_callback`;
      let daemon: Readonly<Record<string, string>> = {};
      const settings = {
        'Authenticator.admin_users': ['root'],
        'JupyterHub.allow_named_servers': true,
        'JupyterHub.services': [{ name: 'tests', api_token: TOKENS.tests }],
        'JupyterHub.load_groups': {
          'proxy-operators': { users: ['olga', 'otto', 'omar'] },
          helpdesk: { users: ['hank', 'otto', ...HOSTILE] },
        },
        'JupyterHub.load_roles': [
          { name: 'tests', scopes: ['admin:users', 'admin:servers', 'groups'], services: ['tests'] },
        ],
        'Spawner.cmd': ['python', join(import.meta.dirname, '../tiny_server.py')],
        'Spawner.args': [],
      };
      const more = (own: HubProxy) => {
        daemon = daemonOf(own);
        secrets.add(own.api.token);
        return [
          configFromDocs('python', {
            'http://127.0.0.1:8001': `http://127.0.0.1:${own.api.port}`,
            'http://127.0.0.1:8002': `http://127.0.0.1:${port}`,
            '"signalbox", "dashboard"': [process.execPath, BIN, 'dashboard'].map((word) => JSON.stringify(word)).join(),
            'open("/etc/signalbox/token").read().strip()': JSON.stringify(own.api.token),
          }),
          configFromDocs('python', {
            '"name": "signalbox"': '"name": "outside"',
            'http://127.0.0.1:8002': `http://127.0.0.1:${outsidePort}`,
            'open("/etc/signalbox/hub-token").read().strip()': JSON.stringify(TOKENS.outside),
          }),
          configFromDocs('python', {
            '"name": "signalbox"': '"name": "ops"',
            'https://ops.example.org/signalbox/oauth_callback': opsCallback,
            'open("/etc/signalbox/hub-token").read().strip()': JSON.stringify(TOKENS.ops),
          }),
        ].join('');
      };
      hub = await startHub({ proxy, settings, more });
      const api = { 'http://127.0.0.1:8081': `http://127.0.0.1:${hub.hubPort}` };
      outside = startProcess(process.execPath, [BIN, 'dashboard'], {
        env: {
          ...daemon,
          ...environmentFromDocs({
            ...{ ...api, 'the-token-in-hub-token': TOKENS.outside, signalbox: 'outside' },
            'http://127.0.0.1:8002': `http://127.0.0.1:${outsidePort}`,
          }),
        },
      });
      ops = startProcess(
        process.execPath,
        [BIN, 'dashboard', '--listen', `127.0.0.1:${opsPort}`, '--hub-url', hub.url.href],
        {
          env: {
            ...daemon,
            ...environmentFromDocs({
              ...{ ...api, 'the-token-in-hub-token': TOKENS.ops, 'NAME=signalbox': 'NAME=ops' },
              'https://ops.example.org/signalbox/oauth_callback': opsCallback,
            }),
          },
        },
      );
      for (const token of Object.values(TOKENS)) secrets.add(token);
      await Promise.all([outside.waitForOutput(/listens/, 30_000), ops.waitForOutput(/listens/, 30_000)]);
    }, 120_000);
    afterAll(releaseAll);

    const dashboardUrl = () => new URL('services/signalbox/', hub.url);

    /** Notes what the page's browser knows and no log may. */
    function noteSecrets(browser: Browser, { page, token }: OpenPage): OpenPage {
      secrets.add(token);
      for (const name of ['signalbox-session', 'jupyterhub-hub-login']) {
        const value = browser.cookie(page.url, name);
        if (value !== undefined) secrets.add(value);
      }
      for (const { searchParams } of page.hops) {
        const code = searchParams.get('code');
        if (code !== null) secrets.add(code);
      }
      return new OpenPage(browser, page);
    }

    async function open({ browser }: User, url = dashboardUrl()): Promise<OpenPage> {
      return noteSecrets(browser, await OpenPage.visit(browser, url));
    }

    /** The Hub's REST API, with every right that these tests need. */
    async function atHub(method: string, path: string, body?: object): Promise<void> {
      const answer = await rawRequest({
        ...{ port: hub.port, method, target: `/hub/api${path}`, timeout: 30_000 },
        headers: [
          ['Authorization', `token ${TOKENS.tests}`],
          ['Content-Type', 'application/json'],
        ],
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text()}`);
    }

    async function spawn({ name }: { readonly name: string }, server = ''): Promise<void> {
      const path = `/users/${encodeURIComponent(name)}/${server === '' ? 'server' : `servers/${encodeURIComponent(server)}`}`;
      await atHub('POST', path);
      await until(async () => (await routeOf(name, server)) !== undefined, {
        what: `the route of ${name}`,
        timeout: 60_000,
      });
    }

    async function routeOf(name: string, server = ''): Promise<string | undefined> {
      const routes = Object.entries(await hub.routes()) as [string, { user?: string; server_name?: string }][];
      return routes.find(([, route]) => route.user === name && route.server_name === server)?.[0];
    }

    const authorize = (page: Page) => page.hops.find(({ pathname }) => pathname === '/hub/api/oauth2/authorize');

    test('who is not logged in comes to the page by the form of the Hub', async () => {
      const browser = new Browser();
      const form = await browser.visit(dashboardUrl());
      expect(form.url.pathname).toBe('/hub/login');
      const page = await browser.submit(form, { username: 'root', password: 'any' });
      expect(page.url.href).toBe(dashboardUrl().href);
      const open = noteSecrets(browser, new OpenPage(browser, page));
      expect(await open.me()).toMatchObject({ name: 'root', login: 'hub', mayOperate: true, viewOnly: null });
    });

    test('asks the Hub with state and PKCE, for all that it may have, and comes back to the path that the Hub knows', async () => {
      const page = await open(await hub.logIn('root'));
      const asked = authorize(page.page)?.searchParams;
      expect(Object.fromEntries(asked ?? [])).toEqual({
        client_id: 'service-signalbox',
        redirect_uri: '/services/signalbox/oauth_callback',
        response_type: 'code',
        state: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge: expect.stringMatching(/^[\w-]{43}$/),
        code_challenge_method: 'S256',
      });
      expect(page.page.hops.map(({ pathname }) => pathname)).toEqual([
        '/services/signalbox/',
        '/hub/api/oauth2/authorize',
        '/services/signalbox/oauth_callback',
        '/services/signalbox/',
      ]);
    });

    const nothing = { maySync: false, mayListUsers: false };
    test.each([
      // Everybody has the right to stop their own.
      [
        'an admin',
        'root',
        { mayOperate: true, hub: { url: '/hub/', maySync: true, mayStop: true, mayListUsers: true } },
      ],
      ['an operator', 'olga', { mayOperate: true, hub: { ...nothing, url: '/hub/', maySync: true, mayStop: true } }],
      ['the help desk', 'hank', { mayOperate: false, hub: { ...nothing, url: '/hub/', mayStop: true } }],
    ])('%s may what the Hub says', async (_, name, expected: Partial<Me>) => {
      const me = await (await open(await hub.logIn(name))).me();
      expect(me).toMatchObject({ ...expected, name, ownRoute: '/services/signalbox' });
    });

    test('somebody without a right to it is shown the door by the Hub', async () => {
      const { browser } = await hub.logIn('nobody');
      const page = await browser.visit(dashboardUrl());
      expect(page.answer.status).toBe(403);
      expect(page.url.pathname).toBe('/hub/api/oauth2/authorize');
      expect(browser.cookie(dashboardUrl(), 'signalbox-session')).toBeUndefined();
    });

    test('the help desk looks and changes nothing', async () => {
      const page = await open(await hub.logIn('hank'));
      expect((await page.get('status')).status).toBe(200);
      expect((await page.act('remove-route', { key: '/services/outside' })).status).toBe(403);
      expect((await page.act('sync')).status).toBe(403);
      expect((await page.get('hub/servers')).status).toBe(403);
      expect(Object.keys(await hub.routes())).toContain('/services/outside');
    });

    test('a code is taken once, and from the browser alone that asked for it', async () => {
      const { browser } = await hub.logIn('olga');
      const { page } = await open({ browser } as User);
      const callback = page.hops.find(({ pathname }) => pathname.endsWith('/oauth_callback')) as URL;
      for (const one of [browser, new Browser()]) {
        const again = await one.visit(callback);
        expect(again.answer.status).toBe(403);
        expect(again.answer.text()).toContain('Start again');
      }
      const mallory = (await hub.logIn('hank')).browser;
      const begun = await mallory.visit(new URL('?x=1', dashboardUrl()));
      expect(begun.url.href).toBe(new URL('?x=1', dashboardUrl()).href);
      const foreign = begun.hops.find(({ pathname }) => pathname.endsWith('/oauth_callback')) as URL;
      expect((await browser.visit(foreign)).answer.status).toBe(403);
      expect(await new OpenPage(browser, await browser.visit(dashboardUrl())).me()).toMatchObject({ name: 'olga' });
    });

    test('a service that is not trusted to is asked about once', async () => {
      const url = new URL('services/outside/', hub.url);
      const { browser } = await hub.logIn('root');
      const question = await browser.visit(url);
      expect(question.answer.text()).toContain('Authorize access');
      const page = noteSecrets(browser, new OpenPage(browser, await browser.submit(question)));
      expect(page.page.url.href).toBe(url.href);
      expect(await page.me()).toMatchObject({ name: 'root', ownRoute: '/services/outside' });
      await page.post('log-out');
      expect(await (await open({ browser } as User, url)).me()).toMatchObject({ name: 'root' });
    });

    test('on an origin of its own it comes back to where the Hub knows it', async () => {
      const { browser } = await hub.logIn('root');
      const page = await open({ browser } as User, opsUrl);
      expect(authorize(page.page)?.searchParams.get('redirect_uri')).toBe(`${opsUrl}oauth_callback`);
      expect(page.page.url.href).toBe(opsUrl.href);
      const url = new URL('hub/', hub.url).href;
      expect(await page.me()).toMatchObject({ name: 'root', mayOperate: true, hub: { url } });
      expect((await page.act('sync')).status).toBe(200);
    });

    test('a route that was removed comes back with a sync of the Hub', async () => {
      await hub.logIn('ada');
      await spawn({ name: 'ada' });
      const page = await open(await hub.logIn('root'));
      expect((await page.act('remove-route', { key: '/user/ada' })).status).toBe(200);
      const ghost = { target: 'http://127.0.0.1:9', jupyterhub: true, user: 'ghost', server_name: '' };
      expect((await hub.signalbox?.api('POST', '/api/routes/user/ghost', ghost))?.status).toBe(201);
      expect((await page.get('hub/servers')).json<HubServers>()).toEqual({
        stale: [{ key: '/user/ghost', user: 'ghost', server: '' }],
        missing: [{ user: 'ada', server: '', url: '/user/ada/' }],
        compared: { routes: 1, servers: 1 },
      });
      const operator = await open(await hub.logIn('olga'));
      expect((await operator.act('sync')).status).toBe(200);
      await until(async () => (await routeOf('ada')) === '/user/ada', { what: 'the route to be back' });
      expect(await routeOf('ghost')).toBeUndefined();
    });

    test('who may stop a server does, and its route goes; who may not is told by the Hub', async () => {
      const operator = await open(await hub.logIn('olga'));
      const refused = await operator.act('stop-server', { user: 'ada', server: '' });
      expect([403, 404]).toContain(refused.status);
      expect(refused.json()).toMatchObject({ message: expect.stringContaining('the Hub refuses') });
      expect(await routeOf('ada')).toBe('/user/ada');

      const admin = await open(await hub.logIn('root'));
      const { servers } = (await admin.get('hub/user?name=ada')).json<HubUser>();
      expect(servers).toMatchObject([{ name: '', ready: true, pending: null, url: '/user/ada/' }]);
      const stopped = await admin.act('stop-server', { user: 'ada', server: '' });
      expect(stopped.status).toBe(200);
      await until(async () => (await routeOf('ada')) === undefined, { what: 'the route to go', timeout: 30_000 });
      expect((await admin.get('hub/user?name=ada')).json<HubUser>().servers).toEqual([]);
    });

    test.each(HOSTILE)('somebody named %j signs in, is shown, and has a server stopped', async (name) => {
      const own = await logIn(hub.url, name);
      expect(await (await open(own)).me()).toMatchObject({ name });
      const server = 'lab <b>&#x27;';
      await spawn({ name });
      await spawn({ name }, server);
      const admin = await open(await hub.logIn('root'));
      const user = (await admin.get(`hub/user?name=${encodeURIComponent(name)}`)).json<HubUser>();
      expect(user.name).toBe(name);
      expect(user.servers.map((one) => one.name).sort()).toEqual(['', server]);
      for (const one of [server, '']) {
        expect((await admin.act('stop-server', { user: name, server: one })).status).toBe(200);
        await until(async () => (await routeOf(name, one)) === undefined, { what: 'the route to go', timeout: 30_000 });
      }
    });

    test('who logs out here is logged out at the Hub, too', async () => {
      const { browser } = await hub.logIn('hank');
      const page = await open({ browser } as User);
      const { next } = (await page.post('log-out')).json<{ next: string }>();
      expect(next).toBe('/hub/logout');
      expect((await page.get('me')).status).toBe(401);
      await browser.visit(new URL(next, hub.url));
      expect((await browser.visit(dashboardUrl())).url.pathname).toBe('/hub/login');
    });

    test('who logs out at the Hub has no session here from then on', async () => {
      const { browser } = await hub.logIn('hank');
      const page = await open({ browser } as User);
      await page.me();
      await browser.visit(new URL('hub/logout', hub.url));
      expect((await page.get('me')).status).toBe(401);
    });

    test('who loses the right to operate does so before the next action, and the page is told', async () => {
      const page = await open(await hub.logIn('otto'));
      expect((await page.act('sync')).status).toBe(200);
      await atHub('DELETE', '/groups/proxy-operators/users', { users: ['otto'] });
      expect((await page.act('remove-route', { key: '/services/outside' })).status).toBe(403);
      expect(await page.me()).toMatchObject({ mayOperate: false, hub: { maySync: false } });
      expect(Object.keys(await hub.routes())).toContain('/services/outside');
    });

    test('who loses the right to look has no session any more', async () => {
      const { browser } = await hub.logIn('omar');
      const page = await open({ browser } as User);
      await atHub('DELETE', '/groups/proxy-operators/users', { users: ['omar'] });
      expect((await page.act('sync')).status).toBe(401);
      expect((await page.get('me')).status).toBe(401);
      expect((await browser.visit(dashboardUrl())).answer.status).toBe(403);
    });

    test('sessions outlive a restart of the Hub where it does not run the dashboard', async () => {
      const { browser } = await hub.logIn('root');
      const page = await open({ browser } as User, opsUrl);
      const managed = await open({ browser } as User);
      await hub.stop();
      expect((await page.get('status')).status).toBe(200);
      expect((await page.act('sync')).status).toBe(503);
      expect((await page.act('remove-route', { key: '/services/outside' })).status).toBe(503);
      await hub.start();
      expect((await page.act('sync')).status).toBe(200);
      // The Hub has started this one anew.
      expect((await managed.get('me')).status).toBe(401);
      expect(await (await open({ browser } as User)).me()).toMatchObject({ name: 'root' });
    }, 120_000);

    test('no token, cookie or code is in a log', () => {
      const logs = [hub.logs(), outside.output(), ops.output()];
      expect(secrets.size).toBeGreaterThan(30);
      expect(logs.map((text) => /signed in/.test(text))).toEqual([true, true, true]);
      expect([...secrets].filter((secret) => logs.some((text) => text.includes(secret)))).toEqual([]);
    });
  });
});
