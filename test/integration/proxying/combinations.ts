import { describe, test } from 'vitest';
import { missingNginx, type TestNginx, testNginxes } from '../../support/nginx.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';

export interface Combination {
  readonly table: 'live' | 'map';
  readonly nginx: TestNginx;
  readonly version: string;
  /** Starts a Signalbox of this combination that serves `routes` (key to target). */
  start(routes: Record<string, string>, ...args: string[]): Promise<Signalbox>;
}

const combinations: Combination[] = testNginxes.flatMap((nginx) =>
  (['live', 'map'] as const).map((table) => ({
    table,
    nginx,
    version: nginx.version,
    async start(routes, ...args) {
      const timing = ['--min-reload-interval', '50ms', '--worker-processes', '2'];
      const box = await startSignalbox({ nginx: nginx.path, table, args: [...timing, ...args] });
      await putRoutes(box, routes);
      return box;
    },
  })),
);

/** One suite for both tables on every nginx of this machine; an nginx that is missing shows up as skipped. */
export function describeCombinations(body: (combination: Combination) => void): void {
  describe.each(combinations)('$table table on nginx $version', body);
  if (missingNginx) test.skip(`the rest: ${missingNginx}`);
}

/** Replaces the whole table: one step, whatever the number of routes. */
export async function putRoutes(box: Signalbox, routes: Record<string, string>): Promise<void> {
  const table = Object.fromEntries(Object.entries(routes).map(([key, target]) => [key, { target }]));
  const answer = await box.api('PUT', '/api/routes', table);
  if (answer.status !== 200) throw new Error(`PUT /api/routes: ${answer.status} ${answer.text()}`);
}
