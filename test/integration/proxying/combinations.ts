import { describeEachProxy, describeEachProxyOnce, type ProxyKind, type TestProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';

export interface Combination extends TestProxy {
  /** Starts a Signalbox with this proxy that serves `routes` (key to target). */
  start(routes: Record<string, string>, ...args: string[]): Promise<Signalbox>;
}

const nginxArgs = ['--worker-processes', '2'];

/** One suite for each proxy: see describeEachProxy. */
export function describeCombinations(body: (combination: Combination) => void, kinds?: readonly ProxyKind[]): void {
  describeEachProxy('through', (proxy) => body(combination(proxy)), kinds);
}

/** For what takes long and hardly depends on the version: see describeEachProxyOnce. */
export function describeCombinationsOnce(body: (combination: Combination) => void): void {
  describeEachProxyOnce('through', (proxy) => body(combination(proxy)));
}

function combination(proxy: TestProxy): Combination {
  return {
    ...proxy,
    async start(routes, ...args) {
      const box = await startSignalbox({ proxy, args: [...(proxy.driver === 'nginx' ? nginxArgs : []), ...args] });
      await putRoutes(box, routes);
      return box;
    },
  };
}

/** Replaces the whole table: one step, whatever the number of routes. */
export async function putRoutes(box: Signalbox, routes: Record<string, string>): Promise<void> {
  const table = Object.fromEntries(Object.entries(routes).map(([key, target]) => [key, { target }]));
  const answer = await box.api('PUT', '/api/routes', table);
  if (answer.status !== 200) throw new Error(`PUT /api/routes: ${answer.status} ${answer.text()}`);
}
