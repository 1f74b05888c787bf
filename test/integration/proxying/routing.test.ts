import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { describeCombinationsOnce, putRoutes } from './combinations.ts';

describeCombinationsOnce(({ start, driver, otherwise }) => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend();
  });

  /** A table in which every key has its own path at the backend, which thus tells which route was taken. */
  function routesTo(...keys: string[]): Record<string, string> {
    return Object.fromEntries(keys.map((key, at) => [key, `${backend.url}/route-${at}`]));
  }

  /** The key whose route a request takes; undefined for 404. */
  async function taken(
    box: Signalbox,
    keys: readonly string[],
    target: string,
    host = 'x',
  ): Promise<string | undefined> {
    const answer = await box.get(target, [['Host', host]]);
    if (answer.status === 404) return undefined;
    const at = /^\/route-(\d+)\//.exec(answer.json<{ url: string }>().url)?.[1];
    return keys[Number(at)];
  }

  describe('by path', () => {
    const keys = [
      '/user/a',
      '/user/a/server',
      '/user/a/server/deep/er/still',
      '/user/ab',
      '/User/Ada',
      '/user/ada',
      '/USER/ADA',
      '/services/x',
      '/x',
      '/enc/a b',
      '/enc/a@b',
      '/enc/50%',
      '/enc/a+b',
      '/dots/.../x',
      `/long/${'l'.repeat(255)}`,
      `/long/${'l'.repeat(256)}`,
      `/long/${'l'.repeat(256)}/${'m'.repeat(300)}`,
      `/long/${'L'.repeat(256)}`,
      '/in//ner',
    ];
    let box: Signalbox;

    beforeAll(async () => {
      box = await start(routesTo(...keys));
    });

    test.each<[string, string | undefined]>([
      ['/user/a', '/user/a'],
      ['/user/a/', '/user/a'],
      ['/user/a?x', '/user/a'],
      ['/user/a/b', '/user/a'],
      ['/user/ab', '/user/ab'],
      ['/user/abc', undefined],
      ['/user/a%62', '/user/ab'],
      ['/user/a/server', '/user/a/server'],
      ['/user/a/server2', '/user/a'],
      ['/user/a/serve', '/user/a'],
      ['/user/a/server/x', '/user/a/server'],
      ['/user/a/server/deep', '/user/a/server'],
      ['/user/a/server/deep/er/still/more', '/user/a/server/deep/er/still'],
      ['/user', undefined],
      ['/user/', undefined],
      ['/', undefined],
      ['/xy', undefined],
      ['/x/y/z/a/b/c/d/e/f', '/x'],
      ['/User/Ada/x', '/User/Ada'],
      ['/user/ada/x', '/user/ada'],
      ['/USER/ADA/x', '/USER/ADA'],
      ['/User/ada/x', undefined],
      ['/uSER/aDA/x', undefined],
      ['/X', undefined],
      ['/services%2Fx/y', '/services/x'],
      ['/enc/a%20b/', '/enc/a b'],
      ['/enc/a%40b', '/enc/a@b'],
      ['/enc/a@b', '/enc/a@b'],
      ['/enc/50%25', '/enc/50%'],
      ['/enc/50%2525', undefined],
      ['/enc/a+b', '/enc/a+b'],
      ['/enc/a%2Bb', '/enc/a+b'],
      ['/dots/.../x', '/dots/.../x'],
      ['/user/a/../ab', '/user/ab'],
      ['/user/zz/%2e%2e/ab', '/user/ab'],
      ['/user/./ab', '/user/ab'],
      [`/long/${'l'.repeat(255)}/x`, `/long/${'l'.repeat(255)}`],
      [`/long/${'l'.repeat(256)}/x`, `/long/${'l'.repeat(256)}`],
      [`/long/${'l'.repeat(256)}/${'m'.repeat(300)}/x`, `/long/${'l'.repeat(256)}/${'m'.repeat(300)}`],
      [`/long/${'L'.repeat(256)}`, `/long/${'L'.repeat(256)}`],
      [`/long/${'l'.repeat(257)}`, undefined],
      ['//user/ab', '/user/ab'],
      ['/in//ner/x', '/in//ner'],
      ['/in/ner', undefined],
      ['/user//a', undefined],
      ['/-/-', undefined],
      ['/0/-', undefined],
    ])('%s is taken to %s', async (target, key) => {
      expect(await taken(box, keys, target)).toBe(key);
    });
  });

  describe('with a root route', () => {
    const keys = ['/', '/user/a', '/hub'];
    let box: Signalbox;

    beforeAll(async () => {
      box = await start(routesTo(...keys));
    });

    test.each([
      ['/', '/'],
      ['/?x', '/'],
      ['/hubx', '/'],
      ['/user', '/'],
      ['/user/ab', '/'],
      ['/user/a/b', '/user/a'],
      ['/hub/login', '/hub'],
      ['/Hub/login', '/'],
      [`/${'l'.repeat(3000)}`, '/'],
      ['/nothing/at/all/here/or/there', '/'],
    ])('%s is taken to %s', async (target, key) => {
      expect(await taken(box, keys, target)).toBe(key);
    });

    test('routes come and go, below and above each other', async () => {
      const target = '/user/a/lab/tree';
      const see = () => taken(box, ['/', '/user/a', '/hub', '/user/a/lab'], target);
      await box.add('/user/a/lab', `${backend.url}/route-3`);
      expect(await see()).toBe('/user/a/lab');
      await box.remove('/user/a');
      expect(await see()).toBe('/user/a/lab');
      await box.remove('/user/a/lab');
      expect(await see()).toBe('/');
      await box.remove('/');
      expect(await see()).toBeUndefined();
      await box.add('/user/a', `${backend.url}/route-1`);
      expect(await see()).toBe('/user/a');
      await putRoutes(box, {});
      expect(await see()).toBeUndefined();
    });
  });

  describe('by host', () => {
    const keys = ['/', '/hub.example', '/hub.example/user/a', '/other.example/user/a', '/192.0.2.7/user/a', '/plain'];
    let box: Signalbox;

    beforeAll(async () => {
      box = await start(routesTo(...keys), '--host-routing');
    });

    test.each([
      ['hub.example', '/user/a/x', '/hub.example/user/a'],
      ['hub.example', '//user/a/x', '/hub.example/user/a'],
      ['hub.example:8443', '/user/a', '/hub.example/user/a'],
      ['HUB.Example', '/user/a', '/hub.example/user/a'],
      ['Hub.example:80', '/user/ab', '/hub.example'],
      ['hub.example', '/', '/hub.example'],
      ['hub.example', '/User/a', '/hub.example'],
      ['other.example', '/user/a', '/other.example/user/a'],
      ['other.example', '/user/b', '/'],
      ['other.example', '/', '/'],
      ['sub.hub.example', '/user/a', '/'],
      ['hub.example.org', '/user/a', '/'],
      ['192.0.2.7', '/user/a', '/192.0.2.7/user/a'],
      ['192.0.2.7:81', '/user/a', '/192.0.2.7/user/a'],
      ['plain', '/x', '/plain'],
      ['x', '/plain', '/'],
      ['x', '/hub.example/user/a', '/'],
    ])('on %s %s is taken to %s', async (host, target, key) => {
      expect(await taken(box, keys, target, host)).toBe(key);
    });

    test('upper case in a key of the Hub counts as lower case, as in host names', async () => {
      await box.add('/Big.Example/user/A', `${backend.url}/route-0`);
      const names = ['/big.example/user/A'];
      expect(await taken(box, names, '/user/A/x', 'BIG.example')).toBe(names[0]);
      await box.remove('/BIG.example/user/A');
    });

    test('/_chp_healthz answers on every host', async () => {
      const answer = await box.get('/_chp_healthz', [['Host', 'hub.example']]);
      expect([answer.status, answer.text()]).toEqual([200, expect.stringContaining('OK')]);
    });
  });

  test('the default target is the root route', async () => {
    const box = await start({}, '--default-target', `${backend.url}/default`);
    // PUT replaced the table, the default target with it: a restart puts it back.
    await box.stop();
    await box.restart();
    expect((await box.get('/user/a?x')).json()).toMatchObject({ url: '/default/user/a?x' });
    await box.add('/user/a', backend.url);
    expect((await box.get('/user/a')).json()).toMatchObject({ url: '/user/a' });
  });

  test('no route gets 404, a dead backend 503, a name that does not resolve 503, an unusable target 500', async () => {
    const box = await start({
      '/dead': `http://127.0.0.1:${await freePort()}`,
      '/unresolved': 'http://no-such-name.invalid:8000',
      ...(driver === 'nginx' ? { '/gone': 'http+unix://%2Fno%2Fsuch%2Fsocket' } : {}),
    });
    await box.add('/unusable', 'not a url');
    await box.add('/ftp', 'ftp://127.0.0.1/');
    const statuses = { '/': 404, '/dead': 503, '/unresolved/x': 503, '/unusable/x': 500, '/ftp': 500 };
    const gone = driver === 'nginx' ? { '/gone': 503 } : {};
    for (const [target, status] of Object.entries({ ...statuses, ...gone })) {
      const answer = await box.get(target);
      expect({ target, status: answer.status }).toEqual({ target, status });
      if (otherwise('plain-pages')) continue;
      expect(answer.header('Content-Type')).toBe('text/html');
      expect(answer.text()).toMatch(new RegExp(`^<!doctype html>.*<h1>${status}: `));
    }
  });
});
