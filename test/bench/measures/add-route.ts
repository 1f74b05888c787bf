import type { Running } from '../contenders/contender.ts';
import type { StaticBackend } from '../load/backend.ts';
import { inParallel } from '../load/in-parallel.ts';
import { cpuSeconds } from '../machine/usage.ts';
import { quantile } from '../report/quantile.ts';
import type { Figures, Section } from './section.ts';
import { untilServed } from './served.ts';

export const addRouteSection: Section = {
  title: 'Adding a route',
  text:
    'With 1,000 routes there. *Answered*: the Hub is told that the route is there. *Served*: the first request for it that is answered by ' +
    'its backend, asked for right after the answer, its own time included. Who answers too early shows a larger gap. CPU is that of all ' +
    'processes of the contender. ' +
    'traefik-proxy asks the API of Traefik whether a route is there, with a password that is hashed by bcrypt unless set otherwise: ' +
    'most of its CPU is that.',
  rows: [
    { key: 'add.1.answered', label: 'one at a time: answered, median', unit: 'ms', ratio: 'none' },
    { key: 'add.1.served', label: 'one at a time: served, median', unit: 'ms', ratio: 'shown' },
    { key: 'add.1.served.p95', label: 'one at a time: served, 95 of 100', unit: 'ms', ratio: 'none' },
    { key: 'add.1.cpu', label: 'one at a time: CPU a route', unit: 'ms', ratio: 'shown' },
    { key: 'add.10.answered', label: '10 at a time: answered, median', unit: 'ms', ratio: 'none' },
    { key: 'add.10.served', label: '10 at a time: served, median', unit: 'ms', ratio: 'shown' },
    { key: 'add.10.served.p95', label: '10 at a time: served, 95 of 100', unit: 'ms', ratio: 'none' },
    { key: 'add.10.cpu', label: '10 at a time: CPU a route', unit: 'ms', ratio: 'shown' },
  ],
};

export interface AddOptions {
  readonly clients: number;
  /** Samples at most, and seconds at most. */
  readonly samples: number;
  readonly seconds: number;
}

/** Adds routes with so many clients, each of which waits until its route is served before it adds the next one. */
export async function measureAddRoute(
  running: Running,
  backend: StaticBackend,
  { clients, samples, seconds }: AddOptions,
): Promise<Figures> {
  const answered: number[] = [];
  const served: number[] = [];
  const numbers = Array.from({ length: samples }, (_, n) => n);
  const add = async (n: number) => {
    const path = `/user/added-${clients}-${n}`;
    const since = performance.now();
    await running.add(path, backend.targetOf(n));
    answered.push(performance.now() - since);
    await untilServed(`${running.url}${path}/`);
    served.push(performance.now() - since);
  };
  const before = cpuSeconds(running.pids());
  await inParallel(clients, numbers, add, performance.now() + seconds * 1000);
  const cpu = cpuSeconds(running.pids()) - before;
  return {
    [`add.${clients}.answered`]: quantile(answered, 0.5),
    [`add.${clients}.served`]: quantile(served, 0.5),
    [`add.${clients}.served.p95`]: quantile(served, 0.95),
    [`add.${clients}.cpu`]: (cpu / served.length) * 1000,
  };
}
