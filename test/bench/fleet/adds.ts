import { RestApi } from '../contenders/rest-api.ts';
import type { StaticBackend } from '../load/backend.ts';
import { inParallel } from '../load/in-parallel.ts';
import { untilServed } from '../measures/served.ts';
import { quantile } from '../report/quantile.ts';
import type { Daemon } from './scene.ts';

/** Milliseconds. */
export interface Adds {
  readonly answered: Spread;
  /** By the proxies of all. */
  readonly served: Spread;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
}

let nextUser = 0;

/** Adds routes through all of them in turn, with so many clients, each of which waits until every proxy serves its route. */
export async function measureAdds(
  daemons: readonly Daemon[],
  backend: StaticBackend,
  { clients, samples, seconds }: { clients: number; samples: number; seconds: number },
): Promise<Adds> {
  const apis = daemons.map(({ apiUrl, token }) => new RestApi(apiUrl, token));
  const answered: number[] = [];
  const served: number[] = [];
  const add = async (n: number) => {
    const path = `/user/added-${nextUser++}`;
    const since = performance.now();
    await apis[n % apis.length]?.add(path, backend.targetOf(n));
    answered.push(performance.now() - since);
    await Promise.all(daemons.map(({ url }) => untilServed(`${url}${path}/`)));
    served.push(performance.now() - since);
  };
  // Connections are made, and code is warm.
  await inParallel(clients, [...Array(2 * clients).keys()], add);
  answered.length = 0;
  served.length = 0;
  await inParallel(clients, [...Array(samples).keys()], add, performance.now() + seconds * 1000);
  return { answered: spread(answered), served: spread(served) };
}

function spread(times: readonly number[]): Spread {
  return { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
}
