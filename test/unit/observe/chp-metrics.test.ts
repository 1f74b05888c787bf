import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerChpMetrics } from '../../../src/observe/chp-metrics.ts';

/** The lines of CHP 5.3 after the same requests, tried with the real one. */
it('counts what CHP counts', async () => {
  const registry = new Registry();
  const count = registerChpMetrics([registry]);
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
  for (const [method, url, status] of asked) count({ method, url, status });
  const text = await registry.metrics();
  expect(text).toMatch(/^api_route_get 2$/m);
  expect(text).toMatch(/^api_route_add 1$/m);
  expect(text).toMatch(/^api_route_delete 2$/m);
  expect(text).toMatch(/^requests_api\{status="404"\} 4$/m);
  expect(text).toMatch(/^requests_api\{status="200"\} 3$/m);
  expect(text).not.toMatch(/requests_web|requests_ws|requests_proxy|find_target_for_req|last_activity_updating/);
});
