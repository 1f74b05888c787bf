import { Causes } from '../../../src/activity/causes.ts';
import { type Hit, isSuccess } from '../../../src/activity/hit.ts';
import { Stats } from '../../../src/activity/stats.ts';
import type { DriverStatus } from '../../../src/proxies/driver.ts';
import { type Entry, makeRoute, moveForward } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { History } from '../../../src/traffic/history.ts';
import { adding } from '../../support/adding.ts';
import { hit, NOON } from './hits.ts';

/** A history over a table, told what a tracker would tell it, by a clock that a test sets. */
export function trafficScene(table = new RoutingTable()) {
  const state = {
    now: NOON,
    /** By key; null: connections can't be seen. */
    open: new Map<string, number>() as Map<string, number> | null,
    reloads: 0,
    isWatched: true,
    staleMs: 0,
  };
  const stats = new Stats(NOON);
  const causes = new Causes(table);
  const tracker = {
    stats,
    causes,
    open: (key: string) => state.open && (state.open.get(key) ?? 0),
    openRoutes: () => state.open,
    openTotal: () => state.open && [...state.open.values()].reduce((sum, count) => sum + count, 0),
    status: () => ({ lines: 0, unreadable: 0, backlogBytes: 0, blind: state.open ? null : 'no ss' }),
  };
  const driver = { status: () => ({ reloads: state.reloads }) as DriverStatus, accessLog: undefined };
  const history = new History({
    table,
    driver,
    tracker: () => (state.isWatched ? tracker : undefined),
    fresh: async () => state.staleMs,
    now: () => state.now,
  });
  let generation = table.generation;

  function add(key: string, data: Record<string, unknown> = {}, target = `http://h${key}`): void {
    table.apply(adding(++generation, { route: makeRoute(key, { target, ...data }), lastActivity: state.now }));
  }

  function remove(key: string): void {
    table.apply({ ...adding(++generation), removed: [key] });
  }

  /** A request has ended, now unless said otherwise. */
  function request(key: string, change: Partial<Hit> = {}): void {
    const one = hit({ key, time: state.now, ...change });
    history.hit(one);
    stats.add(one);
    const entry = table.get(key);
    if (!entry || !isSuccess(one)) return;
    causes.note(entry, 'request', one.time, state.now);
    moveForward(entry, one.time, 'request');
  }

  /** Data was seen on a websocket. */
  function data(key: string): void {
    const entry = table.get(key) as Entry;
    causes.note(entry, 'data', state.now, state.now);
    moveForward(entry, state.now, 'data');
  }

  return { table, history, state, add, remove, request, data };
}
