import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { factsOf } from '../../../src/traffic/kind-of.ts';

const factsIn = (data: Record<string, unknown>) =>
  factsOf(makeRoute('/a', { target: 'http://h', jupyterhub: true, ...data }));
const nobody = { user: null, server: null, service: null, shown: 'http://h' };

it.each([
  [
    { user: 'ada', server_name: '' },
    { kind: 'user', user: 'ada', server: '' },
  ],
  [
    { user: 'ada', server_name: 'gpu' },
    { kind: 'user', user: 'ada', server: 'gpu' },
  ],
  [{ hub: true }, { kind: 'hub' }],
  [{ service: 'grader' }, { kind: 'service', service: 'grader' }],
  [{ extra: true }, { kind: 'extra' }],
  [{}, { kind: 'foreign' }],
])('routes are what JupyterHub says they are: %j', (data, facts) => {
  expect(factsIn(data)).toEqual({ ...nobody, ...facts });
});

it.each([
  [{ user: 7 }, { kind: 'foreign' }],
  [{ user: null, server_name: 'x' }, { kind: 'foreign' }],
  [{ user: '' }, { kind: 'foreign' }],
  [{ user: ['ada'] }, { kind: 'foreign' }],
  [
    { user: 'ada', server_name: 7 },
    { kind: 'user', user: 'ada', server: '' },
  ],
  [{ hub: 'true', service: {}, extra: 1 }, { kind: 'foreign' }],
  [{ service: null, hub: true }, { kind: 'hub' }],
  [{ user: 'ada', much: 'x'.repeat(100_000) }, { kind: 'foreign' }],
])('other shapes are nobody: %j', (data, facts) => {
  expect(factsIn(data)).toEqual({ ...nobody, ...facts });
});

it('whatever was stored is told of', () => {
  const data = fc.oneof(
    fc.json(),
    fc.string(),
    fc
      .record({ user: fc.jsonValue(), server_name: fc.jsonValue(), service: fc.jsonValue() }, { requiredKeys: [] })
      .map((one) => JSON.stringify(one)),
    fc.constantFrom('null', '[]', '"x"', '', '{"__proto__":{"user":"eve"}}', '{"constructor":1}'),
  );
  fc.assert(
    fc.property(data, (text) => {
      const { kind, user, server, service } = factsOf({ key: '/a', target: 'http://h', data: text });
      expect([user !== null, server !== null, service !== null]).toEqual([
        kind === 'user',
        kind === 'user',
        kind === 'service',
      ]);
    }),
  );
  expect(factsOf({ key: '/a', target: '', data: '{"__proto__":{"user":"eve"}}' }).kind).toBe('foreign');
});

it('the data of a route are read once', () => {
  const route = makeRoute('/a', { target: 'http://h' });
  expect(factsOf(route)).toBe(factsOf(route));
});
