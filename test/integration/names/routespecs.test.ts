import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { asTraefikWrites } from '../../support/traefik-writing.ts';
import { describeEachSceneOnce, inParallel, type Scene } from '../scene.ts';
import { withEditedTemplates } from '../templates/edited.ts';
import { keys as hostileKeys, NASTY_NAMES, neighbours } from './hostile.ts';
import { hasDots, longestMatch, segmentsOf, writings } from './paths.ts';

/** The key as the daemon keeps it. */
const normal = (key: string) => `/${segmentsOf(key).join('/')}`;

/** Why a key may be refused: no request can have it, or it is too deep or too long for nginx. Everything else has to be served. */
function mayRefuse(key: string): boolean {
  const impossible = key.includes('\0') || !key.isWellFormed() || hasDots(key);
  const quoted = Buffer.byteLength(key) + 19 * key.replace(/[^$]/g, '').length;
  return impossible || segmentsOf(key).length > 32 || quoted > 3_000;
}

describeEachSceneOnce('a routespec of any characters', (scene) => routespecs(scene));

describeEachSceneOnce("a routespec of any characters, with templates of one's own", (scene) =>
  routespecs(withEditedTemplates(scene), { nastyOnly: true }),
);

/** `nastyOnly`: the one test that has them all. */
function routespecs({ start, proxy: { driver } }: Scene, { nastyOnly = false } = {}): void {
  let signalbox: Signalbox;
  let backend: Backend;
  let count = 0;

  async function prepare() {
    backend ??= await startBackend();
    signalbox ??= await start({ args: ['--no-pin'] });
    // What a failed test left is no other test's business.
    expect((await signalbox.api('PUT', '/api/routes', { '/plain': { target: backend.url } })).status).toBe(200);
  }

  /** Adds the keys in one step, or one by one when some are refused; gives the prefix by which each route's backend is known. */
  async function add(keys: readonly string[]): Promise<Map<string, string>> {
    const wanted = new Map([...new Set(keys.map(normal))].map((key) => [key, `/t${++count}`]));
    const body = Object.fromEntries([...wanted].map(([key, prefix]) => [key, { target: backend.url + prefix }]));
    const all = await signalbox.api('PATCH', '/api/routes', JSON.stringify(body));
    if (all.status === 200) return wanted;
    expect(all.status, all.text()).toBe(400);
    // fast: those that can be taken together, and each of the others alone
    const doubtful = [...wanted.keys()].filter(mayRefuse);
    for (const key of doubtful) {
      const target = backend.url + wanted.get(key);
      const one = await signalbox.api('PATCH', '/api/routes', { [key]: { target } });
      expect([200, 400], one.text()).toContain(one.status);
      if (one.status === 400) wanted.delete(key);
    }
    const rest = [...wanted].filter(([key]) => !doubtful.includes(key));
    const sure = Object.fromEntries(rest.map(([key, prefix]) => [key, { target: backend.url + prefix }]));
    const answer = await signalbox.api('PATCH', '/api/routes', sure);
    expect(answer.status, answer.text()).toBe(200);
    return wanted;
  }

  async function check(routes: ReadonlyMap<string, string>, path: string, target: string): Promise<void> {
    // Answered before any route, as CHP does.
    if (path === '/_chp_healthz') return;
    const key = longestMatch(routes, path);
    const answer = await signalbox.get(target);
    const where = `${JSON.stringify(path.slice(0, 200))} as ${JSON.stringify(target.slice(0, 200))}, key ${JSON.stringify(key?.slice(0, 200))}`;
    if (key === undefined) expect([answer.status, answer.header('X-Backend')], where).toEqual([404, undefined]);
    else {
      expect(answer.status, where).toBe(200);
      expect(answer.json<Seen>().url, where).toBe(
        routes.get(key) + (driver === 'traefik' ? asTraefikWrites(target) : target),
      );
    }
  }

  async function checkAll(routes: ReadonlyMap<string, string>): Promise<void> {
    const requests: [path: string, target: string][] = [];
    const seen = new Set<string>();
    for (const key of routes.keys()) {
      for (const [name, write] of Object.entries(writings)) {
        requests.push([`${key}/inside`, write(`${key}/inside`)]);
        if (name === 'usual') requests.push([key, write(key)]);
      }
      for (const path of neighbours(key)) {
        if (seen.has(path) || hasDots(path) || !path.isWellFormed() || path.includes('\0')) continue;
        seen.add(path);
        requests.push([path, writings.usual?.(path) ?? '']);
      }
    }
    await inParallel(16, requests, ([path, target]) => check(routes, path, target));
  }

  async function removeAll(routes: ReadonlyMap<string, string>): Promise<void> {
    const answer = await signalbox.api(
      'PATCH',
      '/api/routes',
      Object.fromEntries([...routes.keys()].map((key) => [key, null])),
    );
    expect(answer.status, answer.text()).toBe(200);
  }

  async function checkNoPoison(): Promise<void> {
    expect((await signalbox.get('/plain/x')).status).toBe(200);
    expect((await signalbox.api('GET', '/readyz')).text()).toContain('"ready":true');
  }

  it('that is known to be nasty is served right or refused', { timeout: 120_000 }, async () => {
    await prepare();
    for (const place of [
      (name: string) => `/${name}`,
      (name: string) => `/user/${name}`,
      (name: string) => `/${name}/${name}/x`,
      // Behind an empty segment, which is no path: nginx has these in its configuration.
      (name: string) => `/user//${name}`,
    ]) {
      const routes = await add([...NASTY_NAMES.map(place), '/plain']);
      await checkAll(routes);
      await removeAll(routes);
    }
    await signalbox.add('/plain', backend.url);
    await checkNoPoison();
  });

  if (nastyOnly) return;

  it('of dashes and of our own names catches no request for anything else', async () => {
    await prepare();
    const some = ['/-', '/-/-', '/-/-/-', '/-/-/-/x', '/0/-', '/1/-', '/table/g', '/t/http', '/=1'];
    for (const keys of [...some.map((key) => [key]), some]) {
      const routes = new Map(keys.map((key) => [key, '/-']));
      const body = Object.fromEntries(keys.map((key) => [key, { target: `${backend.url}/-` }]));
      expect((await signalbox.api('PUT', '/api/routes', { ...body, '/other': { target: backend.url } })).status).toBe(
        200,
      );
      for (const path of [
        '/',
        '/x',
        '/x/y',
        '/x/y/z',
        '/-',
        '/-/x',
        '/-/-',
        '/-/-/x',
        '/-/-/-/-',
        '//-',
        '/0',
        '/1/-/-',
      ]) {
        await check(routes, path, path);
      }
    }
  });

  it('over the URL of POST and DELETE is the same key', { timeout: 120_000 }, async () => {
    await prepare();
    const names = NASTY_NAMES.filter((name) => !mayRefuse(`/user/${name}`) && name !== '');
    // One by one is one rebuild each with Traefik.
    const some = driver === 'nginx' ? names : names.filter((_, index) => index % 16 === 0);
    for (const name of some) {
      const key = `/user/${name}`;
      await signalbox.add(writings.usual?.(key) ?? '', `${backend.url}/one`);
      await check(new Map([[key, '/one']]), key, writings.full?.(`${key}/inside`) ?? '');
      await signalbox.remove(writings.full?.(key) ?? '');
      expect((await signalbox.get(writings.usual?.(key) ?? '')).status).toBe(404);
    }
    for (const bad of ['/user/%00', '/user/a%00b', '/user/%ff', '/user/%', '/user/%zz', '/a%2F..%2Fb']) {
      const { status } = await signalbox.api('POST', `/api/routes${bad}`, { target: backend.url });
      expect(status, bad).toBe(400);
    }
    await checkNoPoison();
  });

  it('that chance makes is served right or refused', { timeout: 120_000 }, async () => {
    await prepare();
    await fc.assert(
      fc.asyncProperty(hostileKeys, async (keys) => {
        const routes = await add([...keys, '/plain']);
        await checkAll(routes);
        await removeAll(routes);
        await signalbox.add('/plain', backend.url);
        await checkNoPoison();
      }),
      { numRuns: 6, endOnFailure: true },
    );
  });
}
