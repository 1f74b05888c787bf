import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { ErrorBody, Readiness, Status } from '../../../src/api/schemas.ts';
import { api } from './client.ts';
import { REPORT } from './harness.ts';

describe('the state of the daemon', () => {
  it('is alive as long as it answers', async () => {
    const { call, state } = api();
    state.notReady = 'the proxy is down';
    const answer = await call('GET', '/healthz?x');
    expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('is ready, or says why not', async () => {
    const { call, state } = api();
    const ready = await call('GET', '/readyz');
    expect([ready.statusCode, ready.json()]).toEqual([200, { ready: true, generation: { wanted: 9, served: 8 } }]);
    state.notReady = 'the proxy is down';
    const not = await call('GET', '/readyz');
    expect(not.statusCode).toBe(503);
    expect(not.json()).toEqual({ ready: false, reason: 'the proxy is down', generation: { wanted: 9, served: 8 } });
    expect(Value.Check(Readiness, not.json())).toBe(true);
  });

  it('is ready though what else there is to tell can not be told', async () => {
    const { call, state } = api();
    state.report = () => {
      throw new Error('the log can not be read');
    };
    expect((await call('GET', '/readyz')).statusCode).toBe(200);
  });

  it('is shown whole', async () => {
    const { call } = api();
    const answer = await call('GET', '/status');
    expect(answer.json()).toEqual(REPORT);
    expect(Value.Check(Status, answer.json())).toBe(true);
  });

  it('has metrics as text', async () => {
    const { call } = api();
    const answer = await call('GET', '/metrics');
    expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answer.body).toBe('signalbox_routes 3\n');
  });
});

it('every error has the one form', async () => {
  const { call } = api();
  const answers = [
    await call('GET', '/nowhere'),
    await call('PUT', '/status'),
    await call('GET', '/api/routes/none'),
    await call('GET', '/api/routes', undefined, {}),
    await call('POST', '/api/routes/a', '{'),
    await call('POST', '/api/routes/%', '{"target":"x"}'),
  ];
  for (const answer of answers) {
    expect(answer.statusCode).toBeGreaterThanOrEqual(400);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(Value.Check(ErrorBody, answer.json())).toBe(true);
  }
});
