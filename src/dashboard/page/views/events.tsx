import type { EVENT_KINDS, Event, Events as EventList } from '../../../api/traffic/schemas.ts';
import { toJsonLines } from '../csv.ts';
import { eventsQuestion, filterEvents } from '../event-log.ts';
import { formatCount, plural } from '../format.ts';
import { listState, offsetOf } from '../list.ts';
import { hashOf } from '../location.ts';
import { save } from '../parts/download.tsx';
import { Empty, Waiting } from '../parts/empty.tsx';
import { EventTable } from '../parts/event-table.tsx';
import { ListBar } from '../parts/list-bar.tsx';
import { PAGE_ROWS, Pager } from '../parts/pager.tsx';
import { useQuestion } from '../services.ts';

const SHOW_NAMES = { all: 'All', problems: 'Warnings and errors', actions: 'Done by people here' } as const;

const KIND_NAMES: Readonly<Record<(typeof EVENT_KINDS)[number], string>> = {
  change: 'Changes of routes',
  failure: 'Failures',
  recovery: 'Recoveries',
  reload: 'Reloads',
  restart: 'Restarts of the proxy',
  template: 'Templates',
  drift: 'Drift',
  refused: 'Refused routes',
  action: 'Actions of people',
  start: 'Start of the daemon',
};

/** What happened, the newest first. */
export function Events({ params }: { params: Readonly<Record<string, string>> }) {
  const list = listState({ view: 'events', params, sort: 'time', isDescending: true });
  const { data, error } = useQuestion(eventsQuestion);
  const matching = data ? filterEvents(data.events, list) : [];
  const rows = matching.slice(offsetOf(list), offsetOf(list) + PAGE_ROWS);
  return (
    <>
      <header class="view-head">
        <h1>Events</h1>
        <p class="muted" role="status">
          {data && countOf(matching.length, data)}
        </p>
      </header>
      <ListBar list={list} label="Filter by text, route or person" shows={SHOW_NAMES}>
        <label class="choice">
          Kind{' '}
          <select value={list.kind} onChange={(event) => list.set({ kind: event.currentTarget.value || undefined })}>
            <option value="">all</option>
            {Object.entries(KIND_NAMES).map(([kind, name]) => (
              <option key={kind} value={kind}>
                {name}
              </option>
            ))}
          </select>
        </label>
      </ListBar>
      {!data ? (
        <Waiting error={error} />
      ) : (
        <div class="panel list">
          {rows.length > 0 ? (
            <EventTable events={rows} now={data.time} />
          ) : data.events.length === 0 ? (
            <Empty title="Nothing has happened yet">
              Changes of routes, reloads, failures and what people do here appear as they happen.
            </Empty>
          ) : (
            <Empty title="No event is like that">
              <a href={hashOf('events')}>Show all events</a>
            </Empty>
          )}
          <footer class="list-foot">
            <span class="downloads">
              <button
                type="button"
                class="button small"
                disabled={matching.length === 0}
                onClick={() => saveEvents(matching)}
              >
                Download as JSON lines
              </button>
            </span>
            <Pager
              offset={offsetOf(list)}
              rows={rows.length}
              matching={matching.length}
              go={(page) => list.set({ page: page > 1 ? String(page) : undefined })}
            />
          </footer>
        </div>
      )}
    </>
  );
}

function countOf(matching: number, { events, missed }: EventList): string {
  const kept = missed ? 'the newest 1,000 events' : `${plural(events.length, 'event')} since the daemon started`;
  return matching === events.length ? kept : `${formatCount(matching)} of ${kept}`;
}

const saveEvents = (events: readonly Event[]) =>
  save('signalbox-events.jsonl', 'application/x-ndjson', toJsonLines(events.toReversed()));
