import { exchange } from './play.ts';
import type { RunningProxy } from './proxy.ts';
import { fill } from './side.ts';

/** Adds routes as the Hub does, before a case begins. */
export async function setRoutes(routes: Readonly<Record<string, string>>, proxy: RunningProxy): Promise<void> {
  for (const [routespec, target] of Object.entries(routes)) {
    await call(`POST /api/routes${routespec}`, 201, proxy, JSON.stringify({ target: fill(target, proxy.names) }));
  }
}

/** Does the proxy of Signalbox serve its table? What it answers before that is no case's business. */
export async function isReady(proxy: RunningProxy): Promise<boolean> {
  const fields = await exchange({ to: 'api', request: 'GET /readyz', certificate: 'trusted' }, proxy);
  return fields.status === 200;
}

/** Takes away what a case has left; the root route of `--default-target` is not the case's. */
export async function clear(proxy: RunningProxy): Promise<void> {
  for (const key of Object.keys(await table(proxy))) {
    if (key === '/' && proxy.flags.includes('--default-target')) continue;
    await call(`DELETE /api/routes${key.split('/').map(encodeURIComponent).join('/')}`, 204, proxy);
  }
}

async function table(proxy: RunningProxy): Promise<object> {
  return JSON.parse(await call('GET /api/routes', 200, proxy));
}

async function call(request: string, status: number, proxy: RunningProxy, body?: string): Promise<string> {
  const step = { to: 'api', request, certificate: 'trusted', ...(body === undefined ? {} : { body }) } as const;
  const fields = await exchange(step, proxy);
  if (fields.status !== status) {
    throw new Error(
      `${proxy.program.name}: ${request.slice(0, 200)}: ${JSON.stringify(fields)}\n${proxy.output().slice(-2_000)}`,
    );
  }
  return String(fields.body);
}
