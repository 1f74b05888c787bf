import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { refuses } from '../../../src/proxies/traefik/dynamic.ts';
import { digestIn } from '../../../src/proxies/traefik/marker.ts';
import { makeConfig, plainSettings } from '../../support/traefik-config.ts';

const route = (key: string, target = 'http://127.0.0.1:9000') => ({ key, target, data: '{}' });
const some = (count: number) =>
  Array.from({ length: count }, (_, at) => route(`/user/u${at}`, `http://127.0.0.1:${9000 + at}`));

interface File {
  http: {
    routers: Record<string, Record<string, unknown>>;
    services: Record<string, unknown>;
    middlewares: Record<string, unknown>;
  };
}
const read = (text: string) => parse(text) as File;

describe('the dynamic file', () => {
  test('has the same bytes for the same routes, however they came about', () => {
    const [one, other] = [makeConfig(), makeConfig()];
    one.replace(some(100));
    other.replace([...some(120).toReversed(), route('/gone')]);
    other.frame()('1');
    other.change(
      [route('/user/u3', 'http://127.0.0.1:9003')],
      [
        '/gone',
        ...some(120)
          .slice(100)
          .map(({ key }) => key),
      ],
    );
    expect(other.frame()('7')).toBe(one.frame()('7'));
    expect(other.frame()('8')).not.toBe(one.frame()('7'));
  });

  test('lets other work have its turn while the texts of a large table are rendered, and has the same bytes then', async () => {
    const [one, other] = [makeConfig(), makeConfig()];
    for (const config of [one, other]) config.replace(some(500));
    let turns = 0;
    let done = false;
    const count = () => {
      turns++;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await one.prepare();
    done = true;
    expect(turns).toBeGreaterThan(2);
    expect(one.frame()('1')).toBe(other.frame()('1'));
  });

  test.each([true, false])('gives every router of ours the prefix, and no name twice (tree: %s)', (tree) => {
    const config = makeConfig({ tree, name_prefix: 'hub-a', error_target: 'http://127.0.0.1:1/error' });
    config.replace([...some(80), route('/user/u1/lab'), route('/x@y', 'nonsense')]);
    const { http } = read(config.frame()('1'));
    for (const part of Object.values(http)) {
      expect(Object.keys(part).filter((name) => !name.startsWith('hub-a-'))).toEqual([]);
      expect(Object.keys(part).filter((name) => name.includes('@'))).toEqual([]);
    }
  });

  test('names entry points, TLS and middlewares of the operator on routers without a parent alone', () => {
    const tls = { options: 'strict@file', cert_resolver: 'le' };
    const config = makeConfig({ entry_points: ['web', 'secure'], tls, middlewares: ['auth@file'] });
    config.replace(some(80));
    const routers = Object.entries(read(config.frame()('1')).http.routers);
    const root = routers.filter(([, router]) => !('parentRefs' in router) && router.service === undefined);
    expect(root.map(([name]) => name)).toEqual(['signalbox-root']);
    expect(root[0]?.[1]).toMatchObject({
      entryPoints: ['web', 'secure'],
      tls: { options: 'strict@file', certResolver: 'le' },
      middlewares: ['auth@file', 'signalbox-unavailable', 'signalbox-headers'],
    });
    for (const [, router] of routers.filter(([, { parentRefs }]) => parentRefs)) {
      expect(Object.keys(router)).not.toContain('entryPoints');
      expect(Object.keys(router)).not.toContain('tls');
    }
  });

  test('has the operator’s on every route where routers stand side by side', () => {
    const config = makeConfig({ tree: false, middlewares: ['auth@file'], tls: { options: null, cert_resolver: null } });
    config.replace(some(3));
    const routes = Object.entries(read(config.frame()('1')).http.routers).filter(([name]) => name.includes('-route:'));
    expect(routes).toHaveLength(3);
    for (const [, router] of routes) {
      expect(router).toMatchObject({
        middlewares: ['auth@file', 'signalbox-unavailable', 'signalbox-headers'],
        tls: {},
      });
    }
  });

  test('takes a target once, however many routes lead there', () => {
    const config = makeConfig();
    config.replace([route('/a'), route('/b'), route('/c', 'http://127.0.0.1:9000/')]);
    expect(Object.keys(read(config.frame()('1')).http.services)).toEqual([
      'signalbox-nobody',
      'signalbox-to:http%3A//127.0.0.1%3A9000',
    ]);
    expect([...config.backends()]).toEqual([['127.0.0.1:9000', { keys: ['/a', '/b', '/c'], tls: false }]]);
  });
});

describe('the key in the access log', () => {
  const long = `/user/${'n'.repeat(3_000)}`;

  test.each(['/', '/user/ada', '/a@b -> c/é', '/x@file', long])(
    '%.30s comes back from the name of its router',
    (key) => {
      const config = makeConfig({ entry_points: ['web', 'secure'] });
      config.replace([route(key)]);
      const name = Object.keys(read(config.frame()('1')).http.routers).find((router) =>
        router.includes('-route:'),
      ) as string;
      expect(config.keyOf(name)).toBe(key);
      expect(config.keyOf(`${name}@file`)).toBe(key);
      expect(config.keyOf(`secure-${name}@file`)).toBe(key);
      expect(config.keyOf(`web-signalbox-root@file -> signalbox-node:/u@file -> ${name}@file`)).toBe(key);
    },
  );

  test.each(['', 'signalbox-root@file', 'other@docker', 'signalbox-root@file -> signalbox-none@file', 'api@internal'])(
    '%s is no route',
    (name) => expect(makeConfig().keyOf(name)).toBeUndefined(),
  );
});

test.each([
  ['/x', 'http+unix://%2Frun%2Fx.sock', /unix sockets/],
  ['/x', 'http://h:1/?k=v', /query/],
  ['/x', 'http://h:1/base?', undefined],
  ['/x', 'no url', undefined],
  ['/a//b', 'http://h:1', undefined],
])('a route %s to %s is refused: %s', (key, target, reason) => {
  expect(refuses(route(key, target), plainSettings)?.message).toEqual(
    reason ? expect.stringMatching(reason) : undefined,
  );
});

test('a routespec with an empty segment is refused where Traefik merges slashes', () => {
  expect(refuses(route('/a//b'), { ...plainSettings, sanitize_path: true })?.message).toMatch(/empty segment/);
});

test('only a number of ours is a generation', () => {
  expect(['0123456789abcdef', 'starting', undefined, '', '17', '0123456789abcdeF'].map(digestIn)).toEqual([
    '0123456789abcdef',
    'starting',
    ...Array(4).fill(undefined),
  ]);
});
