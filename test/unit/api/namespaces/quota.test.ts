import { expect, it } from 'vitest';
import { hubs } from './hubs.ts';

const target = 'http://127.0.0.1:9000';
const route = { target };

async function full() {
  const made = hubs({ physics: 'host: physics.example, max-routes: 3', chem: 'domain: chem.example' });
  const physics = made.hub('physics');
  await made.hub('chem')('PUT', '/api/routes', { '/': route, '/a.chem.example': route, '/b.chem.example': route });
  for (const key of ['/', '/a', '/b']) await physics('POST', `/api/routes${key}`, route);
  return { ...made, physics };
}

it('a route more than the quota is refused, in words that say which', async () => {
  const { physics, table, counted } = await full();
  const answer = await physics('POST', '/api/routes/c', route);
  expect([answer.statusCode, answer.json()]).toEqual([
    403,
    {
      code: 'OVER_QUOTA',
      message: 'Forbidden: the namespace physics may have 3 routes, and this would make it 4',
      hint: 'Nothing was changed. Routes that are there can be changed and removed; max-routes sets the quota.',
    },
  ]);
  expect([table.size, counted.length]).toEqual([6, 4]);
});

it('what is there can be changed, given again and removed, and then there is room', async () => {
  const { physics } = await full();
  expect((await physics('POST', '/api/routes/a', { target: 'http://127.0.0.1:9001' })).statusCode).toBe(201);
  expect((await physics('POST', '/api/routes/a', route)).statusCode).toBe(201);
  expect((await physics('DELETE', '/api/routes/b')).statusCode).toBe(204);
  expect((await physics('POST', '/api/routes/c', route)).statusCode).toBe(201);
});

it('a PATCH is taken whole or not at all, and counts what it removes', async () => {
  const { physics, all } = await full();
  const before = all();
  expect((await physics('PATCH', '/api/routes', { '/a': null, '/c': route, '/d': route })).statusCode).toBe(403);
  expect(all()).toEqual(before);
  expect((await physics('PATCH', '/api/routes', { '/a': null, '/c': route })).statusCode).toBe(200);
  expect((await physics('PATCH', '/api/routes', { '/gone': null, '/d': route })).statusCode).toBe(403);
});

it('a PUT is taken whole or not at all, and may put as many others in their place', async () => {
  const { physics, all } = await full();
  const before = all();
  const four = { '/w': route, '/x': route, '/y': route, '/z': route };
  expect((await physics('PUT', '/api/routes', four)).statusCode).toBe(403);
  expect(all()).toEqual(before);
  const { '/w': _, ...three } = four;
  expect((await physics('PUT', '/api/routes', three)).json()).toMatchObject({ added: 3, removed: 3 });
});

it('changes that are under way count, however many come at once', async () => {
  const { physics, changes, table } = await full();
  await physics('DELETE', '/api/routes/a');
  await physics('DELETE', '/api/routes/b');
  let open = () => {};
  changes.gate = new Promise((resolve) => {
    open = resolve;
  });
  const all = Promise.all(['/1', '/2', '/2', '/3', '/4'].map((key) => physics('POST', `/api/routes${key}`, route)));
  // The first are waiting by then; what is refused was refused at once.
  await new Promise((resolve) => setImmediate(resolve));
  open();
  expect((await all).map(({ statusCode }) => statusCode)).toEqual([201, 201, 201, 403, 403]);
  expect([...table.keys()].filter((key) => key.startsWith('/physics'))).toHaveLength(3);
  await physics('DELETE', '/api/routes/1');
  expect((await physics('POST', '/api/routes/4', route)).statusCode).toBe(201);
});

it('one that failed no longer counts', async () => {
  const { physics, changes } = await full();
  await physics('DELETE', '/api/routes/a');
  changes.failure = new Error('no');
  expect((await physics('POST', '/api/routes/c', route)).statusCode).toBe(500);
  changes.failure = undefined;
  expect((await physics('POST', '/api/routes/d', route)).statusCode).toBe(201);
});

it('a namespace that has more than a quota that was lowered can change and remove all of it, and add nothing', async () => {
  const { call, physics } = await full();
  await call('POST', '/api/routes/physics.example/c', route);
  expect((await physics('GET', '/api/routes')).json()).toHaveProperty('/c');
  expect((await physics('PUT', '/api/routes', { '/': route, '/a': route, '/b': route, '/c': route })).statusCode).toBe(
    200,
  );
  expect((await physics('POST', '/api/routes/d', route)).statusCode).toBe(403);
  expect((await physics('DELETE', '/api/routes/c')).statusCode).toBe(204);
});

it('without max-routes there is no end', async () => {
  const { hub } = await full();
  const many = Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`/u${i}.chem.example`, route]));
  expect((await hub('chem')('PUT', '/api/routes', many)).json()).toMatchObject({ added: 2_000 });
});
