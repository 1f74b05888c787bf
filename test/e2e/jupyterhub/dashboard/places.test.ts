import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseAll } from '../../../support/cleanup.ts';
import { freePort } from '../../../support/ports.ts';
import { rawRequest } from '../../../support/raw-http.ts';
import { describeEachProxy } from '../each-proxy.ts';
import { type Hub, startHub } from '../hub.ts';
import { managedDashboard } from './services.ts';
import { signInAndAct } from './sign-in-and-act.ts';
import { OpenPage } from './visitor.ts';

const ADMIN = { 'Authenticator.admin_users': ['root'] };

describeEachProxy('the dashboard of a Hub below a base URL', ['traefik-beside'], (proxy) => {
  let hub: Hub;
  beforeAll(async () => {
    const [port, another] = [await freePort(), await freePort()];
    const nobody = { SIGNALBOX_API_URL: `http://127.0.0.1:${await freePort()}`, CONFIGPROXY_AUTH_TOKEN: 'x' };
    hub = await startHub({
      proxy,
      at: { host: 'jhub.test', base: '/base/' },
      settings: (own) => ({
        ...ADMIN,
        'JupyterHub.services': [
          managedDashboard(own, port),
          managedDashboard(own, another, { name: 'lost', environment: nobody }),
        ],
      }),
    });
  });
  afterAll(releaseAll);

  test('is signed in to there, and acts', async () => {
    const page = await signInAndAct(hub, new URL('services/signalbox/', hub.url), '/base/services/lost');
    expect(await page.me()).toMatchObject({ ownRoute: '/base/services/signalbox', hub: { url: '/base/hub/' } });
    expect((await page.post('log-out')).json()).toEqual({ next: '/base/hub/logout' });
  });

  test('starts with the Hub although no Signalbox answers it, and says so', async () => {
    const { browser } = await hub.logIn('root');
    const page = await OpenPage.visit(browser, new URL('services/lost/', hub.url));
    expect(await page.me()).toMatchObject({ name: 'root' });
    expect((await page.get('status')).status).toBe(503);
  });
});

describeEachProxy('the dashboard of a Hub with a domain for each user', ['signalbox-chp'], (proxy) => {
  let hub: Hub;
  beforeAll(async () => {
    const [port, another] = [await freePort(), await freePort()];
    hub = await startHub({
      proxy,
      host: 'jhub.test',
      settings: (own) => ({
        ...ADMIN,
        'JupyterHub.services': [managedDashboard(own, port), { name: 'other', url: `http://127.0.0.1:${another}` }],
      }),
    });
  });
  afterAll(releaseAll);

  test('is at a host of its own, with a proxy that the Hub has launched', async () => {
    const { port } = hub.url;
    const dashboard = new URL(`http://signalbox--service.jhub.test:${port}/services/signalbox/`);
    const page = await signInAndAct(hub, dashboard, '/other--service.jhub.test/services/other');
    const asked = page.page.hops.find(({ pathname }) => pathname === '/hub/api/oauth2/authorize');
    expect(asked?.host).toBe(`jhub.test:${port}`);
    expect(asked?.searchParams.get('redirect_uri')).toBe(`${dashboard}oauth_callback`);
    expect(await page.me()).toMatchObject({
      ownRoute: '/signalbox--service.jhub.test/services/signalbox',
      hub: { url: `http://jhub.test:${port}/hub/` },
    });
    const own = await page.act('remove-route', { key: '/signalbox--service.jhub.test/services/signalbox' });
    expect(own.status).toBe(403);
  });

  test('ends the session of who logs out at the Hub, whose cookie all hosts see', async () => {
    const { browser } = await hub.logIn('root');
    const page = await OpenPage.visit(
      browser,
      new URL(`http://signalbox--service.jhub.test:${hub.url.port}/services/signalbox/`),
    );
    expect((await page.get('me')).status).toBe(200);
    await browser.visit(new URL('hub/logout', hub.url));
    expect((await page.get('me')).status).toBe(401);
  });
});

describeEachProxy('the dashboard of a Hub with internal_ssl', ['signalbox-beside'], (proxy) => {
  let hub: Hub;
  let port: number;
  beforeAll(async () => {
    port = await freePort();
    const another = await freePort();
    hub = await startHub({
      proxy,
      internalSsl: true,
      settings: (own) => ({
        ...ADMIN,
        'JupyterHub.services': [
          managedDashboard(own, port, { url: `https://127.0.0.1:${port}` }),
          { name: 'other', url: `https://127.0.0.1:${another}` },
        ],
      }),
    });
  });
  afterAll(releaseAll);

  test("speaks TLS with the Hub's certificates, to both sides", async () => {
    await signInAndAct(hub, new URL('services/signalbox/', hub.url), '/services/other');
  });

  test('turns away whoever has no certificate of the Hub', async () => {
    const asked = rawRequest({ port, tls: true, target: '/services/signalbox/healthz' });
    await expect(asked).rejects.toThrow(/certificate required|closed|ECONNRESET/);
    await expect(rawRequest({ port, target: '/services/signalbox/healthz' })).rejects.toThrow();
  });
});
