import type { Event, Events } from '../../api/traffic/schemas.ts';
import type { Question } from './poll.ts';

const KEPT = 1_000;

/** After the first answer only what is new. */
export const eventsQuestion: Question<Events> = {
  name: 'events',
  path: (known) => {
    const last = known?.events.at(-1)?.id;
    return last === undefined ? 'api/events' : `api/events?after=${last}`;
  },
  merge: mergeEvents,
  every: 2_000,
};

/** Ids begin anew with the daemon. */
export function mergeEvents(known: Events | undefined, newer: Events): Events {
  if (!known || known.since !== newer.since) return newer;
  const last = known.events.at(-1)?.id ?? -1;
  const added = newer.events.filter(({ id }) => id > last);
  if (added.length === 0) return { ...newer, events: known.events, missed: known.missed };
  return { ...newer, events: [...known.events, ...added].slice(-KEPT), missed: known.missed || newer.missed };
}

export interface EventFilter {
  readonly q: string;
  readonly kind: string;
  readonly show: string;
}

/** The newest first. */
export function filterEvents(events: readonly Event[], { q, kind, show }: EventFilter): Event[] {
  const sought = q.toLowerCase();
  return events
    .filter((event) => {
      if (kind && event.kind !== kind) return false;
      if (show === 'problems' && event.level === 'info') return false;
      if (show === 'actions' && event.kind !== 'action') return false;
      return (
        sought === '' ||
        [event.text, event.key ?? '', event.actor ?? ''].some((text) => text.toLowerCase().includes(sought))
      );
    })
    .reverse();
}
