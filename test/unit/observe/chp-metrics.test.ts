import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerChpMetrics } from '../../../src/observe/chp-metrics.ts';

/** The lines of CHP 5.3 after the same requests, tried with the real one. */
it('counts what CHP counts', async () => {
  const registry = new Registry();
  const { observeApi, observeRequest } = registerChpMetrics([registry]);
  const asked: [method: string, url: string, status: number][] = [
    ['GET', '/api/routes', 200],
    ['GET', '/api/routes/x', 404],
    ['GET', '/api/routes', 403],
    ['PUT', '/api/routes', 405],
    ['GET', '/zzz', 404],
    ['POST', '/api/routes/x', 201],
    ['POST', '/api/routes/x', 400],
    ['GET', '/api/routes/x', 200],
    ['DELETE', '/api/routes/x', 204],
    ['DELETE', '/api/routes/x', 404],
    ['GET', '/api/routes?inactiveSince=zz', 400],
    ['GET', '/api/routes/?inactiveSince=2020-01-01', 200],
    ['DELETE', '/zzz', 404],
  ];
  for (const [method, url, status] of asked) observeApi({ method, url, status });
  for (const status of [200, 200, 404, 101]) observeRequest({ status });
  const text = await registry.metrics();
  expect(text).toMatch(/^api_route_get 2$/m);
  expect(text).toMatch(/^api_route_add 1$/m);
  expect(text).toMatch(/^api_route_delete 2$/m);
  expect(text).toMatch(/^requests_api\{status="404"\} 4$/m);
  expect(text).toMatch(/^requests_api\{status="200"\} 3$/m);
  expect(text).toMatch(/^requests_web 3$/m);
  expect(text).toMatch(/^requests_ws 1$/m);
  expect(text).toMatch(/^requests_proxy\{status="200"\} 2$/m);
  expect(text).toMatch(/^requests_proxy\{status="101"\} 1$/m);
  expect(text, 'times in the path of a request').not.toMatch(/find_target_for_req|last_activity_updating/);
});
