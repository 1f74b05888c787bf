import { Counter, type Registry } from 'prom-client';
import { sampledCounter } from './sampled-counter.ts';

/** A request to the API as it came in, and what was answered. */
export interface ApiAnswer {
  readonly method: string;
  readonly url: string;
  readonly status: number;
}

const SWITCHING = 101;

/**
 * CHP's own names beside ours, so that dashboards go on working. What the API answers is counted as CHP does; requests of
 * users are counted when nginx's access log tells of them, so a websocket at its end.
 */
export function registerChpMetrics(registers: Registry[]) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const get = counter('api_route_get', 'Requests for the whole table that were answered.');
  const add = counter('api_route_add', 'Routes that were added.');
  const remove = counter('api_route_delete', 'Routes that were to be deleted, those that were not there included.');
  const api = new Counter({
    name: 'requests_api',
    help: 'Requests to the API, by the status of the answer.',
    labelNames: ['status'],
    registers,
  });
  const byStatus = countRequests(registers);

  return {
    observeApi({ method, url, status }: ApiAnswer): void {
      api.inc({ status });
      if (!/^\/api\/routes(?:[/?]|$)/.test(url)) return;
      if (method === 'GET' && status === 200 && /^\/api\/routes\/*(?:\?|$)/.test(url)) get.inc();
      else if (method === 'POST' && status === 201) add.inc();
      else if (method === 'DELETE' && (status === 204 || status === 404)) remove.inc();
    },
    observeRequest({ status }: { readonly status: number }): void {
      byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    },
  };
}

/** A plain number for each status, made into metrics when they are asked for: this counts every request there is. */
function countRequests(registers: Registry[]): Map<number, number> {
  const byStatus = new Map<number, number>();
  const total = (wanted: (status: number) => boolean) =>
    [...byStatus].reduce((sum, [status, count]) => (wanted(status) ? sum + count : sum), 0);
  sampledCounter(registers, 'requests_web', 'Requests of users that ended.', () => total((s) => s !== SWITCHING));
  sampledCounter(registers, 'requests_ws', 'Websockets that ended.', () => total((s) => s === SWITCHING));
  new Counter({
    name: 'requests_proxy',
    help: 'Requests of users that ended, by the status of the answer.',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      for (const [status, count] of byStatus) this.inc({ status }, count);
    },
  });
  return byStatus;
}
