import { useState } from 'preact/hooks';
import type { PEOPLE_SHOWS, People as PeoplePage, Person } from '../../../api/traffic/schemas.ts';
import { type CsvColumn, toCsv } from '../csv.ts';
import { formatCount } from '../format.ts';
import { listState, offsetOf, PAGE_ROWS } from '../list.ts';
import { hashOf, hashOfRoute } from '../location.ts';
import { Ago } from '../parts/ago.tsx';
import { Downloads } from '../parts/download.tsx';
import { Empty, Waiting } from '../parts/empty.tsx';
import { ListBar } from '../parts/list-bar.tsx';
import { Name } from '../parts/name.tsx';
import { Pager } from '../parts/pager.tsx';
import { Shape } from '../parts/status-word.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { openColumn, REQUESTS } from '../parts/use-columns.tsx';
import { useMe, usePoll } from '../services.ts';
import { Comparison } from './comparison.tsx';

const SHOW_NAMES: Readonly<Record<(typeof PEOPLE_SHOWS)[number], string>> = {
  all: 'All',
  connected: 'Connected now',
  idle: 'Idle > 1 h',
};

/** One row for everybody who has servers. */
export function People({ params }: { params: Readonly<Record<string, string>> }) {
  const me = useMe();
  const [isComparing, setComparing] = useState(false);
  const list = listState({ view: 'people', params, sort: 'user', isDescending: false });
  const path = (limit: number, offset: number) => `api/traffic/people?${list.query(limit, offset)}`;
  const { data, error, isOld } = usePoll<PeoplePage>(path(PAGE_ROWS, offsetOf(list)));
  return (
    <>
      <header class="view-head">
        <h1>People</h1>
        <p class="muted" role="status">
          {data &&
            `${data.matching === data.total ? '' : `${formatCount(data.matching)} of `}${formatCount(data.total)} with servers`}
        </p>
        {me?.hub?.mayListUsers && (
          <button type="button" class="button" aria-expanded={isComparing} onClick={() => setComparing(!isComparing)}>
            Compare with the Hub
          </button>
        )}
      </header>
      {isComparing && <Comparison close={() => setComparing(false)} />}
      <ListBar list={list} label="Filter by user" shows={SHOW_NAMES} />
      {!data ? (
        <Waiting error={error} />
      ) : (
        <div class="panel list">
          {data.rows.length === 0 ? (
            data.total === 0 ? (
              <Empty title="Nobody has a server">
                People appear here when the Hub has added a route for their server.
              </Empty>
            ) : (
              <Empty title="Nobody is like that">
                <a href={hashOf('people')}>Show all people</a>
              </Empty>
            )
          ) : (
            <Table
              caption="People"
              columns={columnsAt(data.time)}
              rows={data.rows}
              keyOf={({ user }) => user}
              sorting={list.sorting}
              isOld={isOld}
            />
          )}
          <footer class="list-foot">
            <Downloads<Person> name="people" pathOf={path} formats={FORMATS} />
            <Pager list={list} offset={data.offset} rows={data.rows.length} matching={data.matching} />
          </footer>
        </div>
      )}
    </>
  );
}

const SHOWN_SERVERS = 3;

const columnsAt = (now: number): Column<Person>[] => [
  {
    title: 'User',
    sort: 'user',
    isHead: true,
    cell: ({ user, servers, serverCount }) => (
      <a
        class="row-link"
        href={
          serverCount === 1 && servers[0] ? hashOfRoute(servers[0].key) : hashOf('routes', { q: user, kind: 'user' })
        }
      >
        <Name text={user} />
      </a>
    ),
  },
  {
    title: 'Servers',
    sort: 'servers',
    cell: ({ servers, serverCount, user }) => (
      <ul class="inline">
        {servers.slice(0, SHOWN_SERVERS).map(({ key, server }) => (
          <li key={key}>
            <a href={hashOfRoute(key)}>{server === '' ? 'default' : <Name text={server} />}</a>
          </li>
        ))}
        {serverCount > SHOWN_SERVERS && (
          <li>
            <a href={hashOf('routes', { q: user, kind: 'user' })}>{formatCount(serverCount - SHOWN_SERVERS)} more</a>
          </li>
        )}
      </ul>
    ),
  },
  openColumn('Open websockets and uploads of all their servers, at the last look'),
  REQUESTS,
  {
    title: '5xx',
    sort: 'errors',
    isNumber: true,
    hint: 'Answers with 5xx in the last hour',
    cell: ({ serverErrors }) =>
      serverErrors === 0 ? (
        <span class="muted">0</span>
      ) : (
        <span class="errors">
          <Shape level="warning" />
          {formatCount(serverErrors)}
        </span>
      ),
  },
  {
    title: 'Last used',
    sort: 'used',
    isNumber: true,
    hint: 'The newest last_activity of their servers',
    cell: ({ lastActivity }) => <Ago time={lastActivity} now={now} />,
  },
];

const CSV: readonly CsvColumn<Person>[] = [
  { name: 'user', value: ({ user }) => user },
  { name: 'servers', value: ({ serverCount }) => serverCount },
  { name: 'open', value: ({ open }) => open },
  { name: 'requests_per_minute', value: ({ requestsPerMinute }) => requestsPerMinute },
  { name: 'server_errors_last_hour', value: ({ serverErrors }) => serverErrors },
  { name: 'last_activity', value: ({ lastActivity }) => new Date(lastActivity).toISOString() },
];

const FORMATS = {
  csv: (rows: readonly Person[]) => toCsv(CSV, rows),
  json: (rows: readonly Person[]) => JSON.stringify(rows, null, 2),
};
