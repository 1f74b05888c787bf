import { beforeAll, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { runs } from '../../support/chance.ts';
import { startLoad } from '../../support/load.ts';
import { describeCombinations, putRoutes } from './combinations.ts';

describeCombinations(({ start, driver }) => {
  let backend: Backend;

  beforeAll(async () => {
    backend = await startBackend({ keep: 1 });
  });

  // In `first` the deepest routes are missing, in `second` the ones above them lead elsewhere: whoever mixes the two gets
  // an answer that neither of them gives.
  const first = { '/': 'root-1', '/a': 'a-1', '/b/c/d': 'd-1', '/e': 'e-1' };
  const second = { '/': 'root-2', '/a': 'a-2', '/a/b/c': 'c-2', '/b': 'b-2', '/e': 'e-2', '/e/f': 'f-2' };
  const right: Record<string, string[]> = {
    '/x': ['root-1', 'root-2'],
    '/a/x': ['a-1', 'a-2'],
    '/a/b/c/x': ['a-1', 'c-2'],
    '/b/c/d/x': ['d-1', 'b-2'],
    '/e/f/x': ['e-1', 'f-2'],
  };

  test('PUT swaps the table in one step: no request sees anything but the one or the other', {
    timeout: 60_000,
  }, async () => {
    const targets = (routes: Record<string, string>) =>
      Object.fromEntries(Object.entries(routes).map(([key, name]) => [key, `${backend.url}/${name}`]));
    const box = await start(targets(first));
    const seen: Record<string, Set<string>> = {};
    let answers = 0;
    const load = startLoad({
      url: box.url,
      paths: Object.keys(right),
      // A few rests for Traefik's sake: while it builds its routers, it shares the processor with this load.
      connections: 6,
      pause: driver === 'nginx' ? 1 : 5,
      isGood: (response, path) => {
        const name = /"url":"\/([^/]+)\//.exec(response.body.toString())?.[1] ?? String(response.status);
        answers += 1;
        seen[path] ??= new Set();
        seen[path].add(name);
        return right[path]?.includes(name) ?? false;
      },
    });
    const swaps = driver === 'nginx' ? runs(200).numRuns : 4;
    for (let swap = 1; swap <= swaps || answers < 100; swap += 1)
      await putRoutes(box, targets(swap % 2 ? second : first));
    const report = await load.stop();
    expect(Object.fromEntries(Object.entries(seen).map(([path, names]) => [path, [...names].sort()]))).toEqual(
      Object.fromEntries(Object.entries(right).map(([path, names]) => [path, [...names].sort()])),
    );
    expect(report.failures).toEqual([]);
    expect(report.failed).toBe(0);
  });

  test('a route below another one comes and goes: no request sees anything but the one or the other', async () => {
    const box = await start({ '/': `${backend.url}/root`, '/user/a': `${backend.url}/outer` });
    const wrong = new Set<string>();
    const load = startLoad({
      url: box.url,
      paths: ['/user/a/server/x'],
      connections: 6,
      pause: driver === 'nginx' ? 1 : 5,
      isGood: (response) => {
        const name = /"url":"\/([^/]+)\//.exec(response.body.toString())?.[1] ?? String(response.status);
        if (name !== 'outer' && name !== 'inner') wrong.add(name);
        return name === 'outer' || name === 'inner';
      },
    });
    const changes = driver === 'nginx' ? runs(250).numRuns : 2;
    for (let change = 0; change < changes; change += 1) {
      await box.add('/user/a/server', `${backend.url}/inner`);
      await box.remove('/user/a/server');
    }
    const report = await load.stop();
    expect([...wrong]).toEqual([]);
    expect(report.failed).toBe(0);
  });
});
