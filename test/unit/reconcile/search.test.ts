import fc from 'fast-check';
import { expect, it } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { Confirmed } from '../../../src/reconcile/confirmed.ts';
import { servePlan } from '../../../src/reconcile/serve-plan.ts';
import type { Plan } from '../../../src/routes/plan.ts';
import { makeRoute, type Route } from '../../../src/routes/route.ts';
import { runs } from '../../support/chance.ts';

/** A proxy that takes no table with a bad target in it; it shows every table that users get. */
class FickleProxy {
  readonly shown: ReadonlyMap<string, string>[] = [];
  applies = 0;
  readonly #names: boolean;
  readonly #table = new Map<string, string>();

  constructor(before: ReadonlyMap<string, string>, names: boolean) {
    this.#table = new Map(before);
    this.shown.push(before);
    this.#names = names;
  }

  async apply({ full, set, remove }: Plan): Promise<void> {
    this.applies++;
    // A driver's own table may be what the proxy has refused.
    if (full) this.#table.clear();
    for (const key of remove) this.#table.delete(key);
    for (const { key, target } of set) this.#table.set(key, target);
    const keys = [...this.#table].flatMap(([key, target]) => (target.includes('bad') ? [key] : []));
    if (keys.length > 0) throw new SignalboxError('PROXY_REFUSED_CONFIG', 'no', this.#names ? { keys } : {});
    this.shown.push(new Map(this.#table));
  }

  get served(): ReadonlyMap<string, string> {
    return this.shown.at(-1) as ReadonlyMap<string, string>;
  }
}

const keys = fc.integer({ min: 0, max: 60 }).map((n) => `/k${n}`);
const routes = (targets: fc.Arbitrary<string>) =>
  fc
    .uniqueArray(fc.tuple(keys, targets), { selector: ([key]) => key, maxLength: 60 })
    .map((pairs) => pairs.map(([key, target]) => makeRoute(key, { target })));
const wanted = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom('http://one', 'http://two') },
  { weight: 1, arbitrary: fc.constant('http://bad') },
);

it('whatever a proxy refuses: it serves all else, users lose nothing meanwhile, and few tries are needed', async () => {
  await fc.assert(
    fc.asyncProperty(
      routes(fc.constantFrom('http://one', 'http://two')),
      routes(wanted),
      fc.uniqueArray(keys, { maxLength: 10 }),
      fc.boolean(),
      fc.boolean(),
      async (before, set, gone, full, names) => {
        const removed = full ? [] : gone.filter((key) => !set.some((route) => route.key === key));
        const confirmed = new Confirmed();
        await confirmed.note({ generation: 1, full: true, set: before, remove: [] });
        const proxy = new FickleProxy(tableOf(before), names);
        const plan = { generation: 2, full, set, remove: removed };
        const result = await servePlan(plan, confirmed, (one) => proxy.apply(one));

        const bad = set.filter(({ target }) => target.includes('bad'));
        expect(new Set(result.refused.keys())).toEqual(new Set(bad));
        expect(result.left).toEqual([]);
        const wish = tableOf([...(full ? [] : before), ...set]);
        for (const key of [...removed, ...bad.map(({ key }) => key)]) wish.delete(key);
        expect(sorted(proxy.served)).toEqual(sorted(wish));
        expect(sorted(tableOf(confirmed.routes.values()))).toEqual(sorted(wish));

        // At every moment a route is as it was or as it is wanted.
        const old = tableOf(before);
        for (const table of proxy.shown) {
          for (const [key, target] of wish) expect([old.get(key), target]).toContain(table.get(key));
        }
        const most = names ? 2 : 3 + bad.length * (1 + 2 * Math.ceil(Math.log2(Math.max(2, set.length))));
        expect(proxy.applies).toBeLessThanOrEqual(bad.length === 0 ? 1 : most);
      },
    ),
    runs(500),
  );
});

it('what was found of very many bad routes is left out, the rest comes again', async () => {
  const set = Array.from({ length: 200 }, (_, i) =>
    makeRoute(`/k${i}`, { target: i % 2 ? 'http://bad' : 'http://one' }),
  );
  const confirmed = new Confirmed();
  const proxy = new FickleProxy(new Map(), false);
  let plan: Plan = { generation: 1, full: true, set, remove: [] };
  const refused: Route[] = [];
  for (let rounds = 0; rounds < 6; rounds++) {
    const result = await servePlan(plan, confirmed, (one) => proxy.apply(one));
    refused.push(...result.refused.keys());
    plan = { ...plan, full: false, set: result.left };
    if (result.left.length === 0) break;
    expect(result.refused.size).toBe(20);
    expect(result.reason).toMatchObject({ message: 'no' });
  }
  expect(new Set(refused)).toEqual(new Set(set.filter(({ target }) => target.includes('bad'))));
  expect(proxy.served.size).toBe(100);
});

it('an error in the middle that is about no route ends the search, and what is served is known', async () => {
  const set = Array.from({ length: 8 }, (_, i) =>
    makeRoute(`/k${i}`, { target: i === 7 ? 'http://bad' : 'http://one' }),
  );
  const confirmed = new Confirmed();
  const proxy = new FickleProxy(new Map(), false);
  const down = new SignalboxError('PROXY_DOWN', 'gone');
  const apply = async (plan: Plan) => {
    if (proxy.applies === 2) throw down;
    await proxy.apply(plan);
  };
  const plan = { generation: 1, full: false, set, remove: [] };
  await expect(servePlan(plan, confirmed, apply)).rejects.toBe(down);
  expect(sorted(tableOf(confirmed.routes.values()))).toEqual(sorted(proxy.served));
  expect(proxy.served.size).toBe(4);
});

function tableOf(from: Iterable<Route>): Map<string, string> {
  return new Map(Array.from(from, ({ key, target }) => [key, target]));
}

function sorted(table: ReadonlyMap<string, string>): [string, string][] {
  return [...table].sort(([a], [b]) => (a < b ? -1 : 1));
}
