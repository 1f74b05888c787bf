import { Histogram, Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerTrafficMetrics } from '../../../src/observe/traffic-metrics.ts';

it('counts times to the first byte as a histogram of prom-client does', async () => {
  const registry = new Registry();
  const { observeRequest } = registerTrafficMetrics([registry]);
  const name = 'signalbox_first_byte_seconds';
  const times = [0, 1, 2.5, 2.6, 80, 80, 4_000, 60_000, 60_001, 3_600_000];
  for (const firstByte of times) observeRequest({ status: 200, answered: true, firstByte });
  observeRequest({ status: 101, answered: true, firstByte: undefined });
  const shown = await registry.getSingleMetricAsString(name);
  const bounds = [...shown.matchAll(/le="([\d.]+)"/g)].map(([, bound]) => Number(bound));
  const [, help = ''] = /^# HELP \S+ (.*)/.exec(shown) ?? [];
  const model = new Histogram({ name, help, buckets: bounds, registers: [] });
  const before = new Registry();
  before.registerMetric(model);
  for (const time of times) model.observe(time / 1_000);
  expect(shown).toBe(await before.getSingleMetricAsString(name));
  expect(await registry.metrics()).toContain(shown);
});

it('counts the answers that the proxy made in place of a backend', async () => {
  const registry = new Registry();
  const { observeRequest } = registerTrafficMetrics([registry]);
  const answers = [
    { status: 503, answered: false },
    { status: 502, answered: false },
    { status: 503, answered: true },
    { status: 499, answered: false },
    { status: 502, answered: undefined },
  ];
  for (const answer of answers) observeRequest({ ...answer, firstByte: undefined });
  expect(await registry.metrics()).toMatch(/^signalbox_backend_unreachable_total 2$/m);
});
