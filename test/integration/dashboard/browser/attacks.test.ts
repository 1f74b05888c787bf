import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { openPage } from '../../../support/chromium.ts';
import { onCleanup } from '../../../support/cleanup.ts';
import { makeTempDir } from '../../../support/tmp.ts';
import { until } from '../../../support/wait.ts';
import { describeInChromium, PREFIX, type Scene, startScene } from './scene.ts';

/** Where the route lies that mallory would like to see gone. */
const VICTIM = '/user/ada';

/** Mallory's own server: what it answers is hers alone, headers too. */
async function startMallory(): Promise<string> {
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const opener = searchParams.get('opener');
    if (opener) response.setHeader('Cross-Origin-Opener-Policy', opener);
    if (pathname.endsWith('.js')) {
      response.setHeader('Content-Type', 'text/javascript');
      response.setHeader('Service-Worker-Allowed', '/');
      return void response.end(`${COMMON}${WORKERS[pathname.split('/').at(-1) ?? '']}`);
    }
    response.setHeader('Content-Type', 'text/html');
    response.end(
      '<!doctype html><title>Mallory</title><link rel="icon" href="data:,"><button>A button to press</button>',
    );
  }).listen(0, '127.0.0.1');
  onCleanup(() => server.close());
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const WORKERS: Readonly<Record<string, string>> = {
  // Lets everything through, and looks at what goes by.
  'listen.js': `
    addEventListener('activate', (event) => event.waitUntil(clients.claim()));
    addEventListener('fetch', ({ request }) => {
      if (request.headers.has('signalbox-page')) stolen.push(request.headers.get('signalbox-page'));
    });`,
  'fetch.js': `
    addEventListener('fetch', (event) => {
      if (event.request.mode === 'navigate') event.respondWith(fetch(event.request).then(keep));
    });`,
  'preload.js': `
    addEventListener('activate', (event) => event.waitUntil(registration.navigationPreload.enable()));
    addEventListener('fetch', (event) => {
      if (event.request.mode === 'navigate') event.respondWith(event.preloadResponse.then(keep));
    });`,
  'pretend.js': `
    addEventListener('fetch', (event) => {
      if (event.request.mode !== 'navigate') return;
      event.respondWith(new Response('<title>a false page</title>', { headers: { 'Content-Type': 'text/html' } }));
    });`,
  'replace.js': `
    const script = 'document.title = "owned " + document.querySelector("meta[name=signalbox-page]").content;';
    addEventListener('fetch', (event) => {
      if (event.request.destination !== 'script') return;
      event.respondWith(new Response(script, { headers: { 'Content-Type': 'text/javascript' } }));
    });`,
};
/** What each of them does: keeps what it got hold of, and tells mallory's page. */
const COMMON = `
  const stolen = [];
  addEventListener('message', (event) => event.source.postMessage(stolen));
  const keep = async (answer) => {
    stolen.push(await answer.clone().text());
    return answer;
  };`;

describeInChromium('a user whose server is on the origin of the dashboard', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startScene();
    await scene.signalbox.add(VICTIM, scene.backend.url, { user: 'ada', server_name: '' });
    await scene.signalbox.add('/user/mallory', await startMallory(), { user: 'mallory', server_name: '' });
  });

  /** Somebody who may operate the dashboard comes to mallory's page in the same browser. */
  const lure = async (options: { opener?: string; expected?: readonly RegExp[] } = {}) => {
    const page = await scene.openSignedIn({ expected: options.expected ?? [] });
    await page.goto(`${scene.signalbox.url}/user/mallory/${options.opener ? `?opener=${options.opener}` : ''}`);
    return page;
  };
  const fetched = (page: Page, path: string, init: object = {}) =>
    page.evaluate(
      `fetch(${JSON.stringify(path)}, ${JSON.stringify(init)}).then(async (answer) => ({ status: answer.status, text: await answer.text() }))`,
    ) as Promise<{ status: number; text: string }>;
  const routeIsThere = async () => (await scene.signalbox.api('GET', `/api/routes${VICTIM}`)).status === 200;
  const refused = [/Failed to load resource/];

  test('gets no page token by fetch, whatever she says that the request is for', async () => {
    const page = await lure({ expected: refused });
    for (const headers of [{}, { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document', Accept: 'text/html' }]) {
      const { status, text } = await fetched(page, PREFIX, { headers });
      expect({ status, hasToken: text.includes('signalbox-page') }).toEqual({ status: 403, hasToken: false });
    }
  });

  test('gets no data, and changes nothing, with the cookie alone or the token of another session', async () => {
    const page = await lure({ expected: refused });
    const viewer = await scene.visit('', { as: 'viewer' });
    const [request] = await Promise.all([viewer.waitForRequest(/\/api\/status/), viewer.reload()]);
    const token = (await request.allHeaders())['signalbox-page'] ?? '';
    expect(token).not.toBe('');
    for (const headers of [{}, { 'Signalbox-Page': '' }, { 'Signalbox-Page': token }]) {
      for (const path of ['status', 'me', 'traffic', 'events', 'traffic/routes']) {
        expect(await fetched(page, `${PREFIX}api/${path}`, { headers })).toMatchObject({ status: 401 });
      }
      const body = JSON.stringify({ key: VICTIM });
      const init = { method: 'POST', headers: { ...headers, 'Content-Type': 'application/json' }, body };
      expect(await fetched(page, `${PREFIX}api/actions/remove-route`, init)).toMatchObject({ status: 401 });
    }
    expect(await routeIsThere()).toBe(true);
  });

  test('sees nothing in a frame or an object', async () => {
    const page = await lure({ expected: [...refused, /frame/i, /Content Security Policy/] });
    for (const tag of ['iframe', 'object', 'embed']) {
      const seen = await page.evaluate(`new Promise((resolve) => {
        const element = document.createElement('${tag}');
        element['${tag === 'object' ? 'data' : 'src'}'] = '${PREFIX}';
        const look = () => {
          try { resolve(element.contentDocument?.documentElement.outerHTML ?? ''); } catch (error) { resolve(error.name); }
        };
        element.onload = look;
        element.onerror = look;
        setTimeout(look, 2_000);
        document.body.append(element);
      })`);
      expect(seen).not.toContain('signalbox-page');
      expect(seen).not.toContain('Overview');
    }
  });

  describe('opens the dashboard in a window, and', () => {
    for (const opener of ['', 'same-origin', 'same-origin-allow-popups', 'noopener-allow-popups']) {
      test(`can not look into it (her own page says ${opener || 'nothing'})`, async () => {
        const page = await lure({ opener });
        await page.evaluate(
          `document.querySelector('button').onclick = () => { window.opened = window.open('${PREFIX}'); }`,
        );
        const [popup] = await Promise.all([page.context().waitForEvent('page'), page.getByRole('button').click()]);
        await popup.getByText('serving').first().waitFor();
        expect(await popup.evaluate('window.opener')).toBeNull();
        const seen = await page.evaluate(`(() => {
          try { return window.opened.document.documentElement.outerHTML; } catch (error) { return error.name; }
        })()`);
        expect(seen).not.toContain('Signalbox');
        expect(await page.evaluate('window.opened === null || window.opened.closed')).toBe(true);
      });
    }
  });

  test('can not have it act by a form', async () => {
    const page = await lure({ expected: refused });
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
      await page.goto(`${scene.signalbox.url}/user/mallory/`);
      const [answer] = await Promise.all([
        page.waitForResponse(/remove-route/),
        page.waitForURL(/remove-route/),
        page.evaluate(`(() => {
          const form = document.createElement('form');
          Object.assign(form, { method: 'post', enctype: '${type}', action: '${PREFIX}api/actions/remove-route' });
          const input = document.createElement('input');
          Object.assign(input, { name: '{"key":"${VICTIM}","x":"', value: '"}' });
          form.append(input);
          document.body.append(form);
          form.submit();
        })()`),
      ]);
      expect(answer.status()).toBeGreaterThanOrEqual(400);
    }
    expect(await routeIsThere()).toBe(true);
  });

  describe('has a service worker for the whole origin, and', () => {
    const install = async (script: string, expected: readonly RegExp[]) => {
      const page = await lure({ expected });
      const dashboard = await page.context().newPage();
      await dashboard.goto(scene.url);
      await dashboard.getByText('serving').first().waitFor();
      await page.evaluate(
        `navigator.serviceWorker.register('${script}', { scope: '/' }).then(() => navigator.serviceWorker.ready)`,
      );
      await until(
        () => page.evaluate('navigator.serviceWorker.ready.then(({ active }) => active?.state === "activated")'),
        {
          what: 'the service worker to be active',
        },
      );
      const stolen = () =>
        page.evaluate(`new Promise(async (resolve) => {
          navigator.serviceWorker.onmessage = ({ data }) => resolve(data);
          (await navigator.serviceWorker.ready).active.postMessage('');
        })`) as Promise<string[]>;
      return { page, dashboard, stolen };
    };
    const token = expect.stringContaining('signalbox-page');

    test.for(['fetch.js', 'preload.js'])('can not read the document that it fetches (%s)', async (script) => {
      const { dashboard, stolen } = await install(script, refused);
      await dashboard.reload();
      await until(async () => (await stolen()).length > 0, { what: 'it to be asked for the document' });
      expect(await stolen()).not.toContainEqual(token);
    });

    // What nobody can prevent: docs/dashboard.md says so.
    test('can show a page of hers in its place, which can not read the cookie', async () => {
      const { dashboard } = await install('pretend.js', refused);
      await dashboard.reload();
      expect(await dashboard.title()).toBe('a false page');
      const names = (await dashboard.context().cookies(scene.url)).map(({ name }) => name);
      expect(names).toContain('signalbox-session');
      expect(await dashboard.evaluate('document.cookie')).not.toContain('signalbox-session');
    });

    test('can not put a script of hers in place of ours', async () => {
      const { dashboard } = await install('replace.js', [/integrity/, ...refused]);
      const [complaint] = await Promise.all([dashboard.waitForEvent('console'), dashboard.reload()]);
      expect(complaint.text()).toContain('integrity');
      expect(await dashboard.title()).not.toContain('owned');
    });

    test('sees no token, since the page says nothing under it', async () => {
      const { dashboard, stolen } = await install('listen.js', refused);
      // Whether it was open when the worker came, or is loaded under it.
      await dashboard.getByText('service worker').first().waitFor();
      await dashboard.reload();
      await dashboard.getByText('service worker').first().waitFor();
      expect(await stolen()).toEqual([]);
      expect(await routeIsThere()).toBe(true);
    });
  });

  test('gets no such service worker where the operator has nginx take the header away that allows it', async () => {
    const templates = makeTempDir();
    mkdirSync(join(templates, 'nginx/snippets'), { recursive: true });
    writeFileSync(join(templates, 'nginx/snippets/location.conf'), 'proxy_hide_header Service-Worker-Allowed;\n');
    const careful = await startScene({ args: ['--templates', templates] });
    await careful.signalbox.add('/user/mallory', await startMallory(), { user: 'mallory', server_name: '' });
    const page = await openPage({ expected: [/scope/] });
    await page.goto(`${careful.signalbox.url}/user/mallory/`);
    const tried = (scope: string) =>
      page.evaluate(
        `navigator.serviceWorker.register('listen.js', { scope: '${scope}' }).then(() => 'done', ({ name }) => name)`,
      );
    expect([await tried('/'), await tried(PREFIX), await tried('/user/mallory/')]).toEqual([
      'SecurityError',
      'SecurityError',
      'done',
    ]);
  });
});
