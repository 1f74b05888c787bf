import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { isInScope, overlap, type Scope, WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { type Change, compare, fold } from '../../../src/routes/wish.ts';
import { Breather } from '../../../src/system/breather.ts';

describe('a prefix', () => {
  it.each(['/bio', '/bio/user/ada', '/bio//x'])('has %s', (key) => {
    expect(isInScope({ prefix: '/bio' }, key)).toBe(true);
  });

  it.each(['/', '/biology', '/Bio', '/a/bio'])('has not %s', (key) => {
    expect(isInScope({ prefix: '/bio' }, key)).toBe(false);
  });

  it.each(['/', '/a', '/a/b'])('/ is the whole table, %s too', (key) => {
    expect(isInScope(WHOLE_TABLE, key)).toBe(true);
  });
});

describe('a domain', () => {
  it.each(['/chem.example', '/chem.example/hub', '/ada.chem.example/user/ada', '/a.b.chem.example'])(
    'has %s',
    (key) => {
      expect(isInScope({ domain: 'chem.example' }, key)).toBe(true);
    },
  );

  it.each(['/', '/example', '/alchem.example', '/chem.example.org', '/x/chem.example'])('has not %s', (key) => {
    expect(isInScope({ domain: 'chem.example' }, key)).toBe(false);
  });
});

const segment = fc.constantFrom('a', 'b', 'a.b', 'c.a.b', 'aa');
const key = fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`);
const scope: fc.Arbitrary<Scope> = fc.oneof(
  key.map((prefix) => ({ prefix })),
  segment.map((domain) => ({ domain })),
);
const table = fc.uniqueArray(key, { maxLength: 30 });
const entriesOf = (keys: readonly string[], to = 'http://one') =>
  keys.map((one) => ({ route: makeRoute(one, { target: to }), lastActivity: 0 }));

async function apply(change: Change, routes: RoutingTable): Promise<void> {
  const { wish } = await fold([change], 1, new Breather());
  routes.apply(await compare(wish, routes));
}

it('two scopes overlap exactly when the root of one is in the other', () => {
  const rootOf = (one: Scope) => ('domain' in one ? `/${one.domain}` : one.prefix);
  fc.assert(
    fc.property(scope, scope, (a, b) => {
      const common = [a, b].map(rootOf).some((root) => isInScope(a, root) && isInScope(b, root));
      expect(overlap(a, b)).toBe(common);
    }),
  );
});

it('two scopes that do not overlap have no key in common', () => {
  fc.assert(
    fc.property(scope, scope, key, (a, b, one) => {
      if (isInScope(a, one) && isInScope(b, one)) expect(overlap(a, b)).toBe(true);
    }),
  );
});

it('a change clears its scope and nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(table, scope, table, async (before, clear, given) => {
      const routes = new RoutingTable(1, entriesOf(before));
      const set = given.filter((one) => isInScope(clear, one));
      await apply({ clear, set: entriesOf(set, 'http://two'), remove: [] }, routes);
      const kept = before.filter((one) => !isInScope(clear, one));
      expect([...routes.keys()].sort()).toEqual([...kept, ...set].sort());
      for (const one of kept) expect(routes.get(one)?.route.target).toBe('http://one');
    }),
  );
});

it('the table knows at any time how many routes a scope has', async () => {
  const step = fc.record({ clear: fc.option(scope, { nil: undefined }), set: table, remove: table });
  await fc.assert(
    fc.asyncProperty(table, scope, fc.array(step, { maxLength: 8 }), async (before, counted, steps) => {
      const routes = new RoutingTable(1, entriesOf(before));
      const count = routes.counter(counted);
      const check = () => expect(count()).toBe([...routes.keys()].filter((one) => isInScope(counted, one)).length);
      check();
      for (const { clear, set, remove } of steps) {
        await apply({ clear, set: entriesOf(set), remove: remove.filter((one) => !set.includes(one)) }, routes);
        check();
      }
      routes.reset(9, entriesOf(before));
      check();
    }),
  );
});

it('a count follows a large change, too', async () => {
  const routes = new RoutingTable();
  const count = routes.counter({ prefix: '/bio' });
  const keys = Array.from({ length: 3_000 }, (_, i) => (i % 3 === 0 ? `/bio/${i}` : `/chem/${i}`));
  const put = async (change: Change) => {
    const { wish } = await fold([change], 1, new Breather());
    (await routes.prepare(await compare(wish, routes), new Breather()))();
  };
  await put({ clear: undefined, set: entriesOf(keys), remove: [] });
  expect(count()).toBe(1_000);
  await put({ clear: { prefix: '/chem' }, set: [], remove: [] });
  expect([count(), routes.size]).toEqual([1_000, 1_000]);
  await put({ clear: WHOLE_TABLE, set: [], remove: [] });
  expect(count()).toBe(0);
});
