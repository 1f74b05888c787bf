import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { matchRoute } from '../../../src/routes/match.ts';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { runs } from '../../support/chance.ts';
import { freePort } from '../../support/ports.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { describeCombinationsOnce } from '../proxying/combinations.ts';
import {
  asTraefikReads,
  hasDoubleSlashes,
  isDoubtful,
  KNOWN,
  paths,
  segmentsOf,
  startUsers,
  tableOf,
} from './crossing-paths.ts';
import { tlsFlags } from './tls-flags.ts';

describeCombinationsOnce(({ start, otherwise }) => {
  /** Traefik reads a backslash as it reads `%5C`. */
  const read = (path: string) => (otherwise('backslashes') ? asTraefikReads(path) : path);

  describe.each([
    ['no flag', [], true, true],
    ['--no-include-prefix', ['--no-include-prefix'], true, false],
    ['--no-prepend-path', ['--no-prepend-path'], false, true],
    ['both', ['--no-prepend-path', '--no-include-prefix'], false, false],
  ] as const)('a target with a path, %s', (_, flags, prepends, includes) => {
    const keys = ['/', '/user/ada', '/user/bob', '/a/b/c/d', '/in//ner'];
    const table = tableOf(keys);
    let box: Signalbox;
    let backend: Backend;

    beforeAll(async () => {
      backend = await startBackend();
      box = await start(Object.fromEntries(keys.map((key) => [key, `${backend.url}/base`])), ...flags);
    });

    async function check(path: string): Promise<void> {
      const before = backend.counts.requests;
      const answer = await box.get(path);
      if (answer.header('X-Backend') === undefined) {
        expect(answer.status, path).toBe(400);
        expect(isDoubtful(path) || hasDoubleSlashes(path), `${path} is refused`).toBe(true);
        expect(backend.counts.requests).toBe(before);
        return;
      }
      const { url } = answer.json<Seen>();
      const key = matchRoute(table, read(path), undefined) as string;
      const cut = includes ? 0 : segmentsOf(key).length;
      expect(url, path).toMatch(/^\//);
      if (prepends) expect(url, path).toMatch(/^\/base(?:[/?]|$)/);
      const base = prepends ? ['base'] : [];
      expect(segmentsOf(url), `${path} became ${url}`).toEqual([...base, ...segmentsOf(read(path)).slice(cut)]);
    }

    test.each([
      '/user/x/../ada/y',
      '/user/./ada/y',
      '/user/ada/../../../etc',
      '/x/../../base2/y',
      '/user/ada/x/../../bob/../../a/b/c/d/y',
      '/%2F%2Fuser/ada/y',
      '/user%2fada/y',
      '/user/ada%2fy',
      '/user/ada%2f',
      '/user/ada',
      '/user/ada?q',
      '/in//ner/y',
      '/in%2f%2fner%2fy',
      '/user%2fada/../y',
      '/user%2f..%2fada',
      ...KNOWN,
    ])('%s stays below it', (path) => check(path));

    test('no path leads out of it', async () => {
      await fc.assert(fc.asyncProperty(paths, check), runs(200));
    });
  });

  describe('by host', () => {
    const keys = ['/', '/hub.test', '/ada.hub.test', '/ada.hub.test/user/ada', '/bob.hub.test/user/bob', '/[::1]/six'];
    const table = tableOf(keys);
    let box: Signalbox;

    beforeAll(async () => {
      box = await start(await startUsers(keys), '--host-routing');
    });

    const hosts = fc.oneof(
      fc.constantFrom('hub.test', 'ada.hub.test', 'ADA.hub.Test:8000', 'bob.hub.test.', 'bob.hub.test:', '[::1]:80'),
      fc
        .array(
          fc.constantFrom('ada.hub.test', 'bob.hub.test', '.', '..', '/', '\\', '%2f', '%2e', ':', '@', '#', '?', ';'),
          {
            minLength: 1,
            maxLength: 5,
          },
        )
        .map((parts) => parts.join('')),
    );
    const isHost = (host: string) => /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*\.?|\[[0-9a-f:]+\])(?::\d*)?$/i.test(host);

    /** Go takes anything for a port (net.SplitHostPort). */
    const withoutPort = (host: string) => host.replace(/^(\[[^\]]*\]|[^:]*):[^:]*$/, '$1');

    async function check(host: string, path: string): Promise<void> {
      const answer = await rawRequest({ port: box.port, target: path, headers: [['Host', host]] });
      const backend = answer.header('X-Backend');
      const what = `${host} ${path} reached ${backend ?? answer.status}`;
      if (backend === undefined) {
        expect(answer.status, what).toBe(400);
        expect(!isHost(host) || isDoubtful(path) || hasDoubleSlashes(path), what).toBe(true);
        return;
      }
      const name = otherwise('odd-hosts') ? withoutPort(host) : host;
      // What is no host is nobody's.
      expect(backend, what).toBe(isHost(name) ? matchRoute(table, read(path), name) : '/');
    }

    test.each([
      ['../', '/user/bob'],
      ['..', '/user/bob'],
      ['.', '/'],
      ['ada.hub.test/..', '/bob.hub.test/user/bob'],
      ['ada.hub.test/../bob.hub.test', '/user/bob'],
      ['bob.hub.test/user', '/bob'],
      ['bob.hub.test/user/bob', '/'],
      ['ada.hub.test%2f..%2fbob.hub.test', '/user/bob'],
      ['ada.hub.test\\..\\bob.hub.test', '/user/bob'],
      ['ada.hub.test@bob.hub.test', '/user/bob'],
      ['ada.hub.test', '/user/ada/..%2f..%2f..%2fbob.hub.test/user/bob'],
      ['ada.hub.test', '/..%2fbob.hub.test/user/bob'],
      ['ada.hub.test', '/%2e%2e%2fbob.hub.test/user/bob'],
      ['ada.hub.test', '/../bob.hub.test/user/bob'],
      ['ada.hub.test', '/user%2fada/../bob'],
      ['[::1]', '/six'],
      ['ada.hub.test:bob.hub.test', '/'],
    ])('Host %s, %s', check);

    test('no Host and no path lead to the route of another host', async () => {
      await fc.assert(fc.asyncProperty(hosts, paths, check), runs(400));
    });
  });

  test('of a path that is refused neither the error target nor a backend hears', async () => {
    const pages = await startBackend({ name: 'pages' });
    const box = await start({}, '--error-target', pages.url);
    const statuses = new Map<string, number>();
    for (const path of KNOWN) {
      const before = pages.counts.requests;
      const answer = await box.get(path);
      statuses.set(path, answer.status);
      expect([400, 404], path).toContain(answer.status);
      expect(pages.counts.requests - before, path).toBe(answer.status === 404 ? 1 : 0);
    }
    const refused = [...statuses].filter(([, status]) => status === 400).map(([path]) => path);
    expect(refused).toContain('/user/ada/..\\bob/steal');
    if (!otherwise('hidden-dots')) expect(refused).toContain('/hub/..%2fuser/bob/steal');
  });

  test('the redirect port sends nobody anywhere but to the same path', async () => {
    const port = await freePort();
    const box = await start({}, ...tlsFlags(), '--redirect', `127.0.0.1:${port}`);
    for (const path of [...KNOWN, '//evil.test/x', '/\\evil.test/x', '/%2f/evil.test', '/x%0d%0aSet-Cookie:a=b']) {
      const answer = await rawRequest({ port, target: path, headers: [['Host', 'hub.test']] });
      if (answer.status === 400) continue;
      expect(answer.status, path).toBe(301);
      const location = answer.header('Location') ?? '';
      expect(location, path).toMatch(new RegExp(`^https://hub\\.test:${box.port}/`));
      expect(new URL(location).hostname, path).toBe('hub.test');
      expect(answer.header('Set-Cookie')).toBeUndefined();
      const sent = new URL(`http://hub.test${path}`).pathname;
      if (!otherwise('path-spelling')) expect(new URL(location).pathname, path).toBe(sent);
    }
  });
});
