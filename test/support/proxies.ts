import { describe, type TestFunction, test } from 'vitest';
import { anyNginx, missingNginx, type TestNginx, testNginxes } from './nginx.ts';
import { missingTraefik, testTraefik } from './traefik.ts';
import { type TraefikDifferenceId, traefikDifferences } from './traefik-differences.ts';

export type ProxyKind = 'nginx' | 'traefik';

/** What `signalbox serve` has to know. */
export interface ProxyChoice {
  readonly driver: ProxyKind;
  readonly path: string;
}

/** A proxy that the suites run through. */
export interface TestProxy extends ProxyChoice {
  readonly version: string;
  /** Is it the newest there is of its driver? */
  readonly newest: boolean;
  /** `nginx 1.22.1`, `Traefik 3.7.15` */
  readonly name: string;
  /**
   * A test of what Traefik does otherwise: skipped there with the difference as its reason. What Traefik does instead
   * is said by a test of its own where it can be.
   */
  differs(id: TraefikDifferenceId): (name: string, body: TestFunction) => void;
  /** Is this one Traefik, which does that otherwise? For a test that asserts what it does instead. */
  otherwise(id: TraefikDifferenceId): boolean;
}

const ALL: readonly ProxyKind[] = ['nginx', 'traefik'];

/** A suite for each proxy: every nginx there is, and Traefik. */
export function describeEachProxy(name: string, body: (proxy: TestProxy) => void, kinds = ALL): void {
  describeEach(name, kinds, testNginxes, body);
}

/** The same with the newest nginx alone: for what takes long and hardly depends on the version. */
export function describeEachProxyOnce(name: string, body: (proxy: TestProxy) => void, kinds = ALL): void {
  describeEach(name, kinds, testNginxes.slice(-1), body);
}

/** For tests in which the kind of proxy doesn't matter. */
export function anyProxy(): TestProxy {
  if (!anyNginx) throw new Error(`no nginx: ${missingNginx}`);
  return nginxProxy(anyNginx);
}

/** The flags of `signalbox serve` that choose this proxy. */
export function proxyFlags({ driver, path }: ProxyChoice): string[] {
  return driver === 'nginx' ? ['--nginx', path] : ['--driver', 'traefik', '--traefik', path];
}

function describeEach(
  name: string,
  kinds: readonly ProxyKind[],
  nginxes: readonly TestNginx[],
  body: (proxy: TestProxy) => void,
): void {
  const proxies = kinds.flatMap((kind) => (kind === 'traefik' ? traefik() : nginxes.map(nginxProxy)));
  for (const proxy of proxies) describe(`${name}, ${proxy.name}`, () => body(proxy));
  // A proxy that is missing shows up as skipped, with the reason.
  for (const reason of [kinds.includes('nginx') && missingNginx, kinds.includes('traefik') && missingTraefik]) {
    if (reason) test(`${name}, the rest`, ({ skip }) => skip(reason));
  }
}

export function nginxProxy({ path, version }: TestNginx): TestProxy {
  return {
    driver: 'nginx',
    path,
    version,
    newest: version === testNginxes.at(-1)?.version,
    name: `nginx ${version}`,
    differs: () => test,
    otherwise: () => false,
  };
}

function traefik(): TestProxy[] {
  if (testTraefik === undefined) return [];
  const { path, version } = testTraefik;
  return [
    {
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
