import { expect, it } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { api } from './client.ts';

const TARGET = { target: 'http://127.0.0.1:9000' };

it('each answer about routes says of which generation it tells', async () => {
  const { call } = api();
  const generation = async (...given: Parameters<typeof call>) =>
    (await call(...given)).headers['signalbox-generation'];
  expect(await generation('POST', '/api/routes/a', TARGET)).toBe('1');
  expect(await generation('GET', '/api/routes')).toBe('1');
  expect(await generation('PATCH', '/api/routes', { '/b': TARGET })).toBe('2');
  expect(await generation('PUT', '/api/routes', { '/a': TARGET })).toBe('3');
  expect(await generation('DELETE', '/api/routes/a')).toBe('4');
  expect(await generation('DELETE', '/api/routes/a')).toBe('4');
  expect(await generation('GET', '/api/routes/a')).toBe('4');
});

it('a read first asks the store for what is new, and says for how long that could not be had', async () => {
  const { call, table, changes, state } = api();
  await call('POST', '/api/routes/a', TARGET);
  expect((await call('GET', '/api/routes/a')).headers['signalbox-stale']).toBeUndefined();
  state.fresh = async () => {
    table.reset(9, []);
    return 2_500;
  };
  const answer = await call('GET', '/api/routes');
  expect([answer.body, answer.headers['signalbox-stale'], answer.headers['signalbox-generation']]).toEqual([
    '{}',
    '3',
    '9',
  ]);
  expect((await call('GET', '/api/routes/a')).statusCode).toBe(404);
  expect(changes.submitted).toHaveLength(1);
});

it('a store that fails ends the connection, so that the next try may reach another replica', async () => {
  const { call, changes, state } = api();
  const error = new SignalboxError('STORE_FAILED', 'the database cannot be reached');
  state.fresh = () => Promise.reject(error);
  changes.failure = error;
  for (const answer of [await call('GET', '/api/routes'), await call('POST', '/api/routes/a', TARGET)]) {
    expect([answer.statusCode, answer.headers.connection]).toEqual([503, 'close']);
  }
});
