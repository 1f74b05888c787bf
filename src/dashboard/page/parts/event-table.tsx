import type { Event } from '../../../api/traffic/schemas.ts';
import { formatAge, formatClock, formatFull } from '../format.ts';
import { hashOfRoute } from '../location.ts';
import { Name } from './name.tsx';
import { StatusWord } from './status-word.tsx';
import { type Column, Table } from './table.tsx';

/** Events as they are given, with whose they are unless all are of one route. */
export function EventTable({
  events,
  now,
  isOfOneRoute = false,
}: {
  events: readonly Event[];
  now: number;
  isOfOneRoute?: boolean;
}) {
  return (
    <Table
      caption="Events"
      columns={isOfOneRoute ? columnsAt(now).filter(({ title }) => title !== 'Route') : columnsAt(now)}
      rows={events}
      keyOf={({ id }) => id}
      class="events"
    />
  );
}

const DAY_MS = 86_400_000;

const columnsAt = (now: number): Column<Event>[] => [
  {
    title: 'Time',
    isHead: true,
    cell: ({ time }) => (
      <time dateTime={new Date(time).toISOString()} title={formatFull(time)}>
        {now - time < DAY_MS ? formatClock(time) : formatFull(time)} <span class="muted">{formatAge(time, now)}</span>
      </time>
    ),
  },
  { title: 'Kind', cell: ({ kind, level }) => <StatusWord level={level}>{kind}</StatusWord> },
  { title: 'What', cell: ({ text }) => <Name text={text} /> },
  {
    title: 'Route',
    cell: ({ key }) =>
      key !== null && (
        <a href={hashOfRoute(key)}>
          <Name text={key} />
        </a>
      ),
  },
  { title: 'Who', cell: ({ actor }) => actor !== null && <Name text={actor} /> },
];
