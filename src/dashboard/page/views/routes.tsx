import type { SHOWS, TrafficRoute, TrafficRoutes } from '../../../api/traffic/schemas.ts';
import { type CsvColumn, toCsv } from '../csv.ts';
import { formatCount, formatDuration, plural } from '../format.ts';
import { type ListState, listState, offsetOf, PAGE_ROWS } from '../list.ts';
import { hashOf, hashOfRoute } from '../location.ts';
import { Ago } from '../parts/ago.tsx';
import { Downloads } from '../parts/download.tsx';
import { Empty, Waiting } from '../parts/empty.tsx';
import { KindChoice } from '../parts/kind-choice.tsx';
import { ListBar } from '../parts/list-bar.tsx';
import { Name } from '../parts/name.tsx';
import { KIND_NAMES, Owner } from '../parts/owner.tsx';
import { Pager } from '../parts/pager.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Shape } from '../parts/status-word.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Known } from '../parts/unknown.tsx';
import { openColumn, REQUESTS } from '../parts/use-columns.tsx';
import { usePoll } from '../services.ts';

const SHOW_NAMES: Readonly<Record<(typeof SHOWS)[number], string>> = {
  all: 'All',
  active: 'Active now',
  errors: 'Errors',
  slow: 'Slow',
  idle: 'Idle > 1 h',
  never: 'Never used',
  foreign: 'Not the Hub’s',
};

/** All routes, a hundred a page. */
export function Routes({ params }: { params: Readonly<Record<string, string>> }) {
  const list = listState({ view: 'routes', params, sort: 'route', isDescending: false });
  const path = (limit: number, offset: number) => `api/traffic/routes?${list.query(limit, offset)}`;
  const { data, error, isOld } = usePoll<TrafficRoutes>(path(PAGE_ROWS, offsetOf(list)));
  return (
    <>
      <header class="view-head">
        <h1>Routes</h1>
        <p class="muted" role="status">
          {data && countOf(data)}
        </p>
      </header>
      <ListBar list={list} label="Filter by route, user or target" shows={SHOW_NAMES}>
        <KindChoice list={list} names={KIND_NAMES} />
      </ListBar>
      {!data ? (
        <Waiting error={error} />
      ) : (
        <div class="panel list">
          {data.rows.length === 0 ? (
            <NoRoutes list={list} total={data.total} matching={data.matching} />
          ) : (
            <Table
              caption="Routes"
              columns={columnsAt(data.time)}
              rows={data.rows}
              keyOf={({ key }) => key}
              sorting={list.sorting}
              isOld={isOld}
              class="routes"
            />
          )}
          <footer class="list-foot">
            <Downloads<TrafficRoute> name="routes" pathOf={path} formats={FORMATS} />
            <Pager list={list} offset={data.offset} rows={data.rows.length} matching={data.matching} />
          </footer>
        </div>
      )}
    </>
  );
}

const countOf = ({ matching, total }: TrafficRoutes) =>
  matching === total ? plural(total, 'route') : `${formatCount(matching)} of ${plural(total, 'route')}`;

function NoRoutes({ list, total, matching }: { list: ListState; total: number; matching: number }) {
  if (total === 0) return <Empty title="There are no routes yet">The Hub adds them when it starts.</Empty>;
  if (matching > 0) {
    return (
      <Empty title="There is no such page">
        <a href={list.hrefOf({})}>Go to the first one</a>
      </Empty>
    );
  }
  return (
    <Empty title="No route is like that">
      <a href={hashOf('routes')}>Show all routes</a>
    </Empty>
  );
}

/** The columns, with ages at that time of the daemon. */
const columnsAt = (now: number): Column<TrafficRoute>[] => [
  {
    title: 'Route',
    sort: 'route',
    isHead: true,
    cell: ({ key }) => (
      <a class="row-link" href={hashOfRoute(key)}>
        <Name text={key} />
      </a>
    ),
  },
  { title: 'Owner', sort: 'owner', cell: (route) => <Owner route={route} /> },
  { title: 'Target', sort: 'target', cell: ({ target }) => <Name text={target} isCode /> },
  openColumn('Open websockets and uploads at the last look'),
  REQUESTS,
  {
    title: '5xx',
    sort: 'errors',
    isNumber: true,
    hint: 'Answers with 5xx in the last hour',
    cell: (route) => <Errors route={route} />,
  },
  {
    title: 'p95',
    sort: 'slow',
    isNumber: true,
    hint: 'Until the first byte of the backend, 95 % of the last 5 to 10 minutes',
    cell: ({ firstByteP95 }) => (
      <Known value={firstByteP95} show={formatDuration} why="no times were measured in the last minutes" />
    ),
  },
  {
    title: 'Last used',
    sort: 'used',
    isNumber: true,
    hint: 'Its last_activity',
    cell: ({ lastActivity, cause }) =>
      cause === 'added' || cause === 'restored' ? (
        <span class="muted" title={cause === 'added' ? 'not used since it was added' : 'from before Signalbox started'}>
          <Ago time={lastActivity} now={now} />
          <span class="visually-hidden"> ({cause})</span>
        </span>
      ) : (
        <Ago time={lastActivity} now={now} />
      ),
  },
  { title: 'Last hour', cell: ({ minutes }) => <Sparkline minutes={minutes} /> },
];

function Errors({ route: { serverErrors, unreachableSince } }: { route: TrafficRoute }) {
  if (serverErrors === 0) return <span class="muted">0</span>;
  return (
    <span class="errors" title={unreachableSince === null ? undefined : 'the backend is not reachable'}>
      <Shape level={unreachableSince === null ? 'warning' : 'error'} />
      {formatCount(serverErrors)}
      {unreachableSince !== null && <span class="visually-hidden">, not reachable</span>}
    </span>
  );
}

const iso = (time: number) => new Date(time).toISOString();

const CSV: readonly CsvColumn<TrafficRoute>[] = [
  { name: 'route', value: ({ key }) => key },
  { name: 'kind', value: ({ kind }) => kind },
  { name: 'user', value: ({ user }) => user },
  { name: 'server', value: ({ server }) => server },
  { name: 'service', value: ({ service }) => service },
  { name: 'target', value: ({ target }) => target },
  { name: 'open', value: ({ open }) => open },
  { name: 'requests_per_minute', value: ({ requestsPerMinute }) => requestsPerMinute },
  { name: 'requests_last_hour', value: ({ requests }) => requests },
  { name: 'server_errors_last_hour', value: ({ serverErrors }) => serverErrors },
  { name: 'unreachable_last_hour', value: ({ unreachable }) => unreachable },
  { name: 'last_status', value: ({ lastStatus }) => lastStatus },
  { name: 'first_byte_p95_ms', value: ({ firstByteP95 }) => firstByteP95 },
  { name: 'last_activity', value: ({ lastActivity }) => iso(lastActivity) },
  { name: 'cause', value: ({ cause }) => cause },
];

const FORMATS = {
  csv: (rows: readonly TrafficRoute[]) => toCsv(CSV, rows),
  json: (rows: readonly TrafficRoute[]) => JSON.stringify(rows, null, 2),
};
