import { describe, type TestFunction, test } from 'vitest';
import { anyNginx, missingNginx, type TestNginx, testNginxes } from './nginx.ts';
import { missingTraefik, testTraefik } from './traefik.ts';
import { type TraefikDifferenceId, traefikDifferences } from './traefik-differences.ts';

/** nginx with one of its two tables, or Traefik. */
export type ProxyKind = 'live' | 'map' | 'traefik';

/** What `signalbox serve` has to know. */
export interface ProxyChoice {
  readonly kind: ProxyKind;
  readonly driver: 'nginx' | 'traefik';
  readonly path: string;
}

/** A proxy that the suites run through. */
export interface TestProxy extends ProxyChoice {
  readonly version: string;
  /** Is it the newest there is of its driver? */
  readonly newest: boolean;
  /** `nginx 1.22.1, table live`, `Traefik 3.7.15` */
  readonly name: string;
  /**
   * A test of what Traefik does otherwise: skipped there with the difference as its reason. What Traefik does instead
   * is said by a test of its own where it can be.
   */
  differs(id: TraefikDifferenceId): (name: string, body: TestFunction) => void;
  /** Is this one Traefik, which does that otherwise? For a test that asserts what it does instead. */
  otherwise(id: TraefikDifferenceId): boolean;
}

/** Why the table map is not asked for, where it is not. */
const noMap = process.env.SIGNALBOX_TEST_NO_MAP;
const ALL: readonly ProxyKind[] = ['live', 'map', 'traefik'];

/** A suite for each kind of proxy: nginx with each table, the live one on every nginx there is, and Traefik. */
export function describeEachProxy(name: string, body: (proxy: TestProxy) => void, kinds = ALL): void {
  describeEach(name, kinds, { live: testNginxes, map: testNginxes.slice(0, 1) }, body);
}

/** The same, with each table on another nginx: for what takes long and hardly depends on the version. */
export function describeEachProxyOnce(name: string, body: (proxy: TestProxy) => void, kinds = ALL): void {
  describeEach(name, kinds, { live: testNginxes.slice(0, 1), map: testNginxes.slice(-1) }, body);
}

/** nginx with the live table. */
export const nginxLive: (nginx: TestNginx) => TestProxy = nginxWith('live');

/** For tests in which the kind of proxy doesn't matter. */
export function anyProxy(): TestProxy {
  if (!anyNginx) throw new Error(`no nginx: ${missingNginx}`);
  return nginxLive(anyNginx);
}

/** The flags of `signalbox serve` that choose this proxy. */
export function proxyFlags({ kind, driver, path }: ProxyChoice): string[] {
  return driver === 'nginx' ? ['--nginx', path, '--table', kind] : ['--driver', 'traefik', '--traefik', path];
}

type Nginxes = Readonly<Record<'live' | 'map', readonly TestNginx[]>>;

function describeEach(
  name: string,
  kinds: readonly ProxyKind[],
  nginxes: Nginxes,
  body: (proxy: TestProxy) => void,
): void {
  const nginxesOf = (kind: 'live' | 'map') => (kind === 'map' && noMap ? [] : nginxes[kind]);
  const proxies = kinds.flatMap((kind) => (kind === 'traefik' ? traefik() : nginxesOf(kind).map(nginxWith(kind))));
  for (const proxy of proxies) describe(`${name}, ${proxy.name}`, () => body(proxy));
  // A proxy that is missing shows up as skipped, with the reason.
  const needsNginx = kinds.some((kind) => kind !== 'traefik');
  for (const reason of [
    needsNginx && missingNginx,
    kinds.includes('map') && noMap && `no table map: ${noMap}`,
    kinds.includes('traefik') && missingTraefik,
  ]) {
    if (reason) test(`${name}, the rest`, ({ skip }) => skip(reason));
  }
}

function nginxWith(kind: 'live' | 'map'): (nginx: TestNginx) => TestProxy {
  return ({ path, version }) => ({
    kind,
    driver: 'nginx',
    path,
    version,
    newest: version === testNginxes.at(-1)?.version,
    name: `nginx ${version}, table ${kind}`,
    differs: () => test,
    otherwise: () => false,
  });
}

function traefik(): TestProxy[] {
  if (testTraefik === undefined) return [];
  const { path, version } = testTraefik;
  return [
    {
      kind: 'traefik',
      driver: 'traefik',
      path,
      version,
      newest: true,
      name: `Traefik ${version}`,
      differs: (id) => (name) => test(name, ({ skip }) => skip(`Traefik: ${traefikDifferences[id].traefik}`)),
      otherwise: () => true,
    },
  ];
}
