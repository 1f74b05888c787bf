import { expect, test } from 'vitest';
import type { Event, Events } from '../../../../src/api/traffic/schemas.ts';
import { eventsQuestion, filterEvents, mergeEvents } from '../../../../src/dashboard/page/event-log.ts';

function event(id: number, change: Partial<Event> = {}): Event {
  return {
    id,
    time: id * 1_000,
    kind: 'change',
    level: 'info',
    actor: null,
    key: null,
    text: `event ${id}`,
    ...change,
  };
}

const answer = (events: Event[], change: Partial<Events> = {}): Events => ({
  time: 9_000_000,
  since: 5,
  events,
  missed: false,
  ...change,
});
const ids = (events: readonly Event[]) => events.map(({ id }) => id);

test('only what is new is asked for', () => {
  expect(eventsQuestion.path(undefined)).toBe('api/events');
  expect(eventsQuestion.path(answer([]))).toBe('api/events');
  expect(eventsQuestion.path(answer([event(3), event(4)]))).toBe('api/events?after=4');
});

test('new ones come behind, each once', () => {
  const merged = mergeEvents(answer([event(1), event(2)]), answer([event(2), event(3)], { time: 9_500_000 }));
  expect(ids(merged.events)).toEqual([1, 2, 3]);
  expect(merged.time).toBe(9_500_000);
});

test('a thousand are kept', () => {
  const known = answer(Array.from({ length: 1_000 }, (_, at) => event(at + 1)));
  const merged = mergeEvents(known, answer([event(1_001), event(1_002)]));
  expect(merged.events).toHaveLength(1_000);
  expect(ids(merged.events).at(-1)).toBe(1_002);
});

test('ids that begin anew are those of another daemon', () => {
  const merged = mergeEvents(answer([event(80)]), answer([event(1)], { since: 6 }));
  expect(ids(merged.events)).toEqual([1]);
});

test('filters look at text, route and person; the newest comes first', () => {
  const events = [
    event(1, { key: '/user/Ada' }),
    event(2, { actor: 'ada via dashboard', kind: 'action' }),
    event(3, { text: 'nginx says ADA', level: 'error', kind: 'failure' }),
    event(4),
  ];
  const all = { q: '', kind: '', show: 'all' };
  expect(ids(filterEvents(events, { ...all, q: 'ada' }))).toEqual([3, 2, 1]);
  expect(ids(filterEvents(events, { ...all, show: 'problems' }))).toEqual([3]);
  expect(ids(filterEvents(events, { ...all, show: 'actions' }))).toEqual([2]);
  expect(ids(filterEvents(events, { ...all, kind: 'change' }))).toEqual([4, 1]);
});
