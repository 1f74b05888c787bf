import type { Running } from '../contenders/contender.ts';
import type { StaticBackend } from '../load/backend.ts';
import { inParallel } from '../load/in-parallel.ts';
import type { Figures, Section } from './section.ts';
import { untilServed } from './served.ts';
import { pathOf, usersFrom } from './users.ts';

export const bulkSection: Section = {
  title: 'Many routes',
  text:
    'Into an empty table, as a Hub that starts does it: 10 at a time, and until the last one is served. It is given up after ' +
    'a while; then the table is filled by a way around. Signalbox takes many routes in one request (PATCH /api/routes), too.',
  rows: [
    { key: 'bulk.hub', label: '1,000 routes, 10 at a time', unit: 's', ratio: 'shown' },
    { key: 'bulk.request', label: '9,000 more routes in one request', unit: 's', ratio: 'none' },
  ],
};

/** Adds so many users to an empty table as the Hub does it. */
export async function measureBulk(
  running: Running,
  backend: StaticBackend,
  users: number,
  mostSeconds: number,
): Promise<Figures> {
  const since = performance.now();
  let added = 0;
  const routes = [...usersFrom(0, users, backend)];
  const add = async ([path, target]: readonly [string, string]) => {
    await running.add(path, target);
    added += 1;
  };
  await inParallel(10, routes, add, since + mostSeconds * 1000);
  if (added < users) return { 'bulk.hub': `${added} in ${Math.round((performance.now() - since) / 1000)} s` };
  await untilServed(`${running.url}${pathOf(users - 1)}/`);
  return { 'bulk.hub': (performance.now() - since) / 1000 };
}

/** Fills a table up by the quickest way there is. */
export async function measureFill(
  running: Running,
  backend: StaticBackend,
  from: number,
  users: number,
): Promise<Figures> {
  const since = performance.now();
  await running.fill(usersFrom(from, users, backend));
  await untilServed(`${running.url}${pathOf(users - 1)}/`);
  return running.fillsByRequest ? { 'bulk.request': (performance.now() - since) / 1000 } : {};
}
