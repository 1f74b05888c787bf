import { Counter, type Registry } from 'prom-client';

/**
 * CHP's own names for what the API is asked, beside ours, so that dashboards go on working. Its counters of proxied
 * requests are not here: only nginx's access log knows them. Gives back what counts an answer, in the cases in which CHP
 * counts one.
 */
export function registerChpMetrics(registers: Registry[]) {
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const get = counter('api_route_get', 'Requests for the whole table that were answered.');
  const add = counter('api_route_add', 'Routes that were added.');
  const remove = counter('api_route_delete', 'Routes that were to be deleted, those that were not there included.');
  const requests = new Counter({
    name: 'requests_api',
    help: 'Requests to the API, by the status of the answer.',
    labelNames: ['status'],
    registers,
  });

  return ({ method, url, status }: { method: string; url: string; status: number }): void => {
    requests.inc({ status });
    if (!/^\/api\/routes(?:[/?]|$)/.test(url)) return;
    if (method === 'GET' && status === 200 && /^\/api\/routes\/*(?:\?|$)/.test(url)) get.inc();
    else if (method === 'POST' && status === 201) add.inc();
    else if (method === 'DELETE' && (status === 204 || status === 404)) remove.inc();
  };
}
