import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Leftovers } from '../../../src/reconcile/leftovers.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import { route } from './fake-driver.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function scene() {
  const onEnd = vi.fn();
  const table = new RoutingTable();
  const leftovers = new Leftovers([route('/a', 'http://old'), route('/b'), route('/c')], onEnd);
  leftovers.start();
  const change = (batch: { set?: string[]; remove?: string[]; replace?: boolean }) => {
    const added = (batch.set ?? []).map((key) => ({ route: route(key), lastActivity: 0 }));
    const removed = batch.remove ?? [];
    const whole = { generation: 1, whole: batch.replace ?? false, added, changed: [], removed, touched: [] };
    table.apply(whole);
    leftovers.record(whole);
  };
  return { onEnd, change, served: () => [...leftovers.with(table)].map(({ key }) => key) };
}

it('are served beside the table until it has had them', () => {
  const { change, served } = scene();
  change({ set: ['/a', '/new'] });
  expect(served()).toEqual(['/a', '/new', '/b', '/c']);
  change({ remove: ['/a'] });
  expect(served()).toEqual(['/new', '/b', '/c']);
});

it('end when the table is replaced, or nothing has changed for some seconds', () => {
  const replaced = scene();
  replaced.change({ set: ['/new'], replace: true });
  expect(replaced.served()).toEqual(['/new']);
  const quiet = scene();
  vi.advanceTimersByTime(4_000);
  quiet.change({ set: ['/a'] });
  vi.advanceTimersByTime(4_000);
  expect(quiet.served()).toEqual(['/a', '/b', '/c']);
  expect(quiet.onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(quiet.served()).toEqual(['/a']);
  expect(quiet.onEnd.mock.calls).toEqual([[['/b', '/c']]]);
});

it('end within a minute, however often something changes', () => {
  const { change, onEnd } = scene();
  for (let second = 0; second < 60; second++) {
    expect(onEnd).not.toHaveBeenCalled();
    change({ set: ['/a'] });
    vi.advanceTimersByTime(1_000);
  }
  expect(onEnd).toHaveBeenCalledOnce();
});

it('that were all put back end without a word', () => {
  const { change, onEnd } = scene();
  change({ set: ['/a', '/b', '/c'] });
  vi.advanceTimersByTime(90_000);
  expect(onEnd).not.toHaveBeenCalled();
});
