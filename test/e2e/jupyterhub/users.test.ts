import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { releaseAll } from '../../support/cleanup.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';
import type { User } from './user.ts';

describeEachProxy('users of a Hub', ['signalbox-beside', 'signalbox-chp', 'traefik-chp', 'chp'], (proxy) => {
  let hub: Hub;
  let ada: User;
  let server: URL;
  beforeAll(async () => {
    hub = await startHub({ proxy, settings: { 'JupyterHub.allow_named_servers': true } });
  });
  afterAll(releaseAll);

  test('log in and spawn a server', async () => {
    ada = await hub.logIn('ada');
    server = await ada.spawn();
    expect(server.pathname).toBe('/user/ada/');
    expect(Object.keys(await hub.routes())).toEqual(['/', '/user/ada']);
  });

  test('run code in a kernel, over its websocket', async () => {
    const kernel = await ada.startKernel(server);
    expect(await kernel.run('1+1')).toBe('2');
    kernel.socket.close();
  });

  test('have a named server beside the first', async () => {
    const named = await ada.spawnNamed('lab 2');
    expect(named.pathname).toBe('/user/ada/lab%202/');
    const kernel = await ada.startKernel(named);
    expect(await kernel.run('2+2')).toBe('4');
    const status = await ada.browser.fetch('GET', new URL('api/status', server));
    expect(status.status).toBe(200);
    await ada.stop('lab 2');
    expect(Object.keys(await hub.routes())).toEqual(['/', '/user/ada']);
  });

  test('keep their sessions to themselves, whatever link they follow', async () => {
    const bob = await startBackend({ name: 'bob' });
    await hub.addRoute('/user/bob', bob.url);
    await ada.browser.visit(new URL('/user/bob/a', hub.url));
    const honest = bob.counts.requests;
    expect(honest).toBeGreaterThan(0);
    for (const link of [
      '/hub/..%2fuser/bob/steal',
      '/hub/api/..%2f..%2fuser/bob/steal',
      '/user/ada/..%2fbob/steal',
      '/user/ada/%2e%2e%2fbob/steal',
      '/user/ada/x/..%2f..%2fbob/steal',
    ]) {
      const { url, answer } = await ada.browser.visit(new URL(link, hub.url));
      expect([400, 403, 404], `${link} led to ${url}`).toContain(answer.status);
    }
    expect(bob.counts.requests).toBe(honest);
    const cookies = bob.seen.flatMap(({ headers }) => headers.filter(([name]) => name.toLowerCase() === 'cookie'));
    expect(cookies.map(([, value]) => value).join()).not.toMatch(/jupyterhub-(?:hub-login|user-ada)/);
  });

  test('stop their server: its route goes, the Hub answers in its place', async () => {
    await ada.stop();
    expect(Object.keys(await hub.routes())).toEqual(['/', '/user/bob']);
    const answer = await ada.browser.visit(server);
    expect(answer.url.pathname).toBe('/hub/user/ada/');
    expect(answer.answer.status).toBe(424);
  });

  test('may have names with blanks, quotes and dollars', async () => {
    const user = await hub.logIn('we ird+@ü"$(x)');
    const url = await user.spawn();
    expect(decodeURIComponent(url.pathname)).toBe('/user/we ird+@ü"$(x)/');
    const kernel = await user.startKernel(url);
    expect(await kernel.run('6*7')).toBe('42');
    await user.stop();
    expect(Object.keys(await hub.routes())).toEqual(['/', '/user/bob']);
  });
});
