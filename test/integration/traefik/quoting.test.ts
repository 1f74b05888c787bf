import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { NASTY_NAMES, neighbours, keys as someKeys } from '../names/hostile.ts';
import { hasDots, longestMatch, segmentsOf, writings } from '../names/paths.ts';
import { inParallel } from '../scene.ts';
import { describeTraefik, type Stage, startStage } from './stage.ts';

/** Names that mean something in a rule, to YAML, to Go's templates. */
const RULE_NAMES = [
  ...['`', '`) || PathPrefix(`/', '") || PathPrefix("/', "')", ')', '(', '||', '&&', '!', '`)', 'a`b', '``'],
  ...['{{', '}}', '{{ env "HOME" }}', '{{/*', '*/}}', '{{ "{{" }}', '{{`', '`}}', '{name:.*}', '{{- end -}}'],
  ...['.*', '.+', '[a-z]', '^', '$', '(?i)a', '\\Q', '\\E', '\\d', '(', 'a|b', '*', 'a+', 'a?'],
  ...[
    '"',
    "'",
    '# ',
    ': ',
    '- a',
    '? a',
    '&a',
    '*a',
    '!!str',
    '%TAG',
    '---',
    '...',
    '~',
    'null',
    'true',
    '<<',
    '\u2028',
  ],
  ...[
    'a@b',
    '@',
    '@file',
    '%40',
    '%2540',
    '%2F',
    '%25',
    'a:b',
    'a,b',
    'a;b',
    'a=b',
    'a&b',
    'a+b',
    "a'b",
    'a[b]',
    'a$b',
  ],
];

/** What the daemon takes for a key: src/routes/key.ts. */
function normal(key: string): string | undefined {
  if (hasDots(key) || key.includes('\0') || !key.isWellFormed()) return undefined;
  return `/${segmentsOf(key).join('/')}`;
}

describeTraefik('a routespec of any characters', () => {
  let stage: Stage;
  let backend: Backend;

  beforeAll(async () => {
    [stage, backend] = [await startStage(), await startBackend()];
  });

  /** Serves the keys, each with its own path at the backend, and asks for what is inside them and right beside them. */
  async function check(keys: readonly string[], tree: boolean): Promise<void> {
    const routes = new Map([...new Set(keys.flatMap((key) => normal(key) ?? []))].map((key, at) => [key, `/t${at}`]));
    await stage.serve(Object.fromEntries([...routes].map(([key, path]) => [key, backend.url + path])), { tree });
    const requests = new Map<string, string>();
    for (const key of routes.keys()) {
      const inside = key === '/' ? '/in side' : `${key}/in side`;
      for (const write of Object.values(writings)) {
        requests.set(write(key), key);
        requests.set(write(inside), inside);
      }
      for (const path of neighbours(key)) requests.set(writings.usual?.(path) ?? '', path);
    }
    await inParallel(8, requests, async ([target, path]) => {
      if (hasDots(path) || !path.isWellFormed() || path === '/_chp_healthz') return;
      const key = longestMatch(routes, path);
      const answer = await stage.get(target);
      const where = `${JSON.stringify(path.slice(0, 200))} as ${JSON.stringify(target.slice(0, 200))}`;
      const taken = answer.status === 200 ? /^\/t\d+/.exec(answer.json<Seen>().url)?.[0] : answer.status;
      expect(taken, where).toBe(key === undefined ? 404 : routes.get(key));
    });
    expect(stage.complaints()).not.toMatch(/ERR|error/);
  }

  it.each([true, false])(
    'that is known to be nasty takes what is its own, no more and no less (tree: %s)',
    async (tree) => {
      const names = [...NASTY_NAMES, ...RULE_NAMES];
      await check([...names.map((name) => `/user/${name}`), '/user/ada', '/plain'], tree);
      await check(
        [...names.map((name) => `/${name}`), ...names.slice(0, 40).map((name) => `/${name}/${name}/x`)],
        tree,
      );
    },
    120_000,
  );

  it('that chance makes takes what is its own, no more and no less', async () => {
    const more = fc
      .array(fc.constantFrom(...RULE_NAMES), { minLength: 1, maxLength: 3 })
      .map((names) => `/${names.join('/')}`);
    const tables = fc.tuple(someKeys, fc.array(more, { maxLength: 40 })).map(([a, b]) => [...a, ...b]);
    await fc.assert(
      fc.asyncProperty(tables, (keys) => check(keys, true)),
      { numRuns: 8, endOnFailure: true },
    );
  }, 120_000);
});
