import type { Registry } from 'prom-client';
import type { Hit } from '../activity/hit.ts';
import { CountedHistogram } from './counted-histogram.ts';
import { sampledCounter } from './sampled-counter.ts';

/** Seconds. A notebook answers in milliseconds, a cell that a request waits for in minutes. */
const BOUNDS = [0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How backends answer, as the access log tells. */
export function registerTrafficMetrics(registers: Registry[]) {
  let unreachable = 0;
  sampledCounter(
    registers,
    'signalbox_backend_unreachable_total',
    'Requests whose backend gave no answer, so that the proxy made one.',
    () => unreachable,
  );
  const firstByte = new CountedHistogram({
    name: 'signalbox_first_byte_seconds',
    help: 'Time from a request until the first byte of its answer; with Traefik until its last one. Websockets are left out.',
    bounds: BOUNDS,
    registers,
  });
  return {
    observeRequest(hit: Pick<Hit, 'status' | 'answered' | 'firstByte'>): void {
      if (hit.answered === false) unreachable++;
      if (hit.firstByte !== undefined) firstByte.count(hit.firstByte / 1_000);
    },
  };
}
