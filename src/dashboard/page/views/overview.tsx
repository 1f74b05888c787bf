import type { ComponentChildren } from 'preact';
import type { StatusReport } from '../../../api/schemas.ts';
import type { Traffic, TrafficRoute, TrafficRoutes } from '../../../api/traffic/schemas.ts';
import { formatCount, formatDuration, formatRate, formatShare, plural } from '../format.ts';
import { hashOf } from '../location.ts';
import { Empty, FailureText } from '../parts/empty.tsx';
import { Name } from '../parts/name.tsx';
import { Panel } from '../parts/panel.tsx';
import { ROUTE } from '../parts/route-column.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { Shape } from '../parts/status-word.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Known } from '../parts/unknown.tsx';
import type { Trouble } from '../problems.ts';
import { trafficQuestion } from '../series.ts';
import { usePoll, useQuestion } from '../services.ts';
import { LastHour } from './last-hour.tsx';

const ROWS = 5;

export interface OverviewProps {
  readonly status: StatusReport | undefined;
  readonly troubles: readonly Trouble[];
  /** Routes with errors, those with most first. */
  readonly failing: TrafficRoutes | undefined;
}

/** What is wrong first, then how the last hour was. */
export function Overview({ status, troubles, failing }: OverviewProps) {
  const traffic = useQuestion(trafficQuestion);
  const busiest = usePoll<TrafficRoutes>(`api/traffic/routes?show=active&sort=requests&desc=true&limit=${ROWS}`);
  const slowest = usePoll<TrafficRoutes>(`api/traffic/routes?show=all&sort=slow&desc=true&limit=${ROWS}`);
  const now = traffic.data?.now;
  return (
    <>
      <h1 class="visually-hidden">Overview</h1>
      {status && <Troubles troubles={troubles} />}
      {now && <Figures now={now} traffic={traffic.data} status={status} />}
      <LastHour traffic={traffic.data} error={traffic.error} />
      <div class="three">
        <Top
          title="Busiest"
          value="req/min"
          all={hashOf('routes', { show: 'active', sort: 'requests', desc: 'true' })}
          answer={busiest}
          take={({ requestsPerMinute }) => requestsPerMinute > 0}
          cell={({ requestsPerMinute }) => formatRate(requestsPerMinute)}
          empty="No route is used just now"
        />
        <Top
          title="Slowest"
          value="p95"
          all={hashOf('routes', { sort: 'slow', desc: 'true' })}
          answer={slowest}
          take={({ firstByteP95 }) => firstByteP95 !== null}
          cell={({ firstByteP95 }) => <Known value={firstByteP95} show={formatDuration} why="no times were measured" />}
          empty="No times were measured in the last minutes"
        />
        <Top
          title="Most errors"
          value="5xx/h"
          all={hashOf('routes', { show: 'errors', sort: 'errors', desc: 'true' })}
          answer={{ data: failing, error: undefined }}
          take={({ serverErrors }) => serverErrors > 0}
          cell={({ serverErrors }) => formatCount(serverErrors)}
          empty="No answer with 5xx in the last hour"
        />
      </div>
    </>
  );
}

function Troubles({ troubles }: { troubles: readonly Trouble[] }) {
  if (troubles.length === 0) {
    return (
      <p class="panel all-well">
        <Shape level="ok" /> No problems
      </p>
    );
  }
  return (
    <Panel title={`Problems (${troubles.length})`} class={`troubles is-${troubles[0]?.level}`}>
      <ul>
        {troubles.map(({ id, level, subject, isName, text, href }) => (
          <li key={id}>
            <Shape level={level} />
            <span class="visually-hidden">{level}: </span>
            <span class="trouble">
              <a href={href}>{isName ? <Name text={subject} /> : subject}</a> <span class="trouble-text">{text}</span>
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Figures({
  now,
  traffic,
  status,
}: {
  now: Traffic['now'];
  traffic: Traffic | undefined;
  status: OverviewProps['status'];
}) {
  const blind = traffic?.blind ?? 'not seen yet';
  const isWhole = traffic?.firstByte === 'whole answer';
  const hasMany = now.serverErrors * 100 >= Math.max(now.requests, 1);
  const noWorkers = 'this proxy has none, or they can not be seen';
  const opened = traffic?.open === 'connections' ? 'open connections' : 'open websockets';
  return (
    <dl class="figures">
      <Figure
        title="People connected"
        href={hashOf('people', { show: 'connected' })}
        note={now.websockets !== null && `${formatCount(now.websockets)} ${opened}`}
      >
        <Known value={now.people} show={formatCount} why={blind} />
      </Figure>
      <Figure
        title="Requests/s"
        href={hashOf('routes', { show: 'active', sort: 'requests', desc: 'true' })}
        note="in the last 10 s"
      >
        {formatRate(now.requestsPerSecond)}
      </Figure>
      <Figure
        title={isWhole ? 'Whole answer p95' : 'First byte p95'}
        href={hashOf('routes', { sort: 'slow', desc: 'true' })}
        note={now.firstByteP50 !== null && `median ${formatDuration(now.firstByteP50)}, in 5 min`}
      >
        <Known value={now.firstByteP95} show={formatDuration} why="no times were measured in the last 5 minutes" />
      </Figure>
      <Figure
        title="Answers with 5xx"
        href={hashOf('routes', { show: 'errors', sort: 'errors', desc: 'true' })}
        level={now.serverErrors > 0 && hasMany ? 'error' : undefined}
        note={`${formatShare(now.serverErrors, now.requests)}, in 5 min`}
      >
        {formatCount(now.serverErrors)}
      </Figure>
      <Figure title="Routes" href={hashOf('routes')} note={traffic && `${plural(changesOf(traffic), 'change')} in 1 h`}>
        {formatCount(now.routes)}
      </Figure>
      <Figure
        title="Draining workers"
        href={hashOf('proxy')}
        note={status && `${plural(status.reloads, 'reload')} since the start`}
      >
        {status && <Known value={status.drainingWorkers} show={formatCount} why={noWorkers} />}
      </Figure>
    </dl>
  );
}

const changesOf = ({ coarse }: Traffic) => coarse.changes.reduce((sum, value) => sum + value, 0);

function Figure({
  title,
  note,
  href,
  level,
  children,
}: {
  title: string;
  note: ComponentChildren;
  href: string;
  level?: 'error' | undefined;
  children: ComponentChildren;
}) {
  return (
    <div class="figure">
      <dt>
        <a href={href}>{title}</a>
      </dt>
      <dd class={level && `is-${level}`}>
        {level && <Shape level={level} />}
        {children}
        <small>{note}</small>
      </dd>
    </div>
  );
}

function Top({
  title,
  value,
  all,
  answer: { data, error },
  take,
  cell,
  empty,
}: {
  title: string;
  value: string;
  all: string;
  answer: { data: TrafficRoutes | undefined; error: unknown };
  take: (route: TrafficRoute) => boolean;
  cell: (route: TrafficRoute) => ComponentChildren;
  empty: string;
}) {
  const rows = data?.rows.filter(take).slice(0, ROWS) ?? [];
  const columns: Column<TrafficRoute>[] = [
    ROUTE,
    { title: 'Last hour', cell: ({ minutes }) => <Sparkline minutes={minutes} /> },
    { title: value, isNumber: true, cell },
  ];
  return (
    <Panel
      title={title}
      actions={
        <a href={all} aria-label={`${title}: all routes`}>
          all
        </a>
      }
    >
      {rows.length > 0 ? (
        <Table caption={title} columns={columns} rows={rows} keyOf={({ key }) => key} class="dense keeps-columns" />
      ) : data ? (
        <Empty title={empty} />
      ) : (
        <p class="waiting">{error === undefined ? 'Loading…' : <FailureText error={error} />}</p>
      )}
    </Panel>
  );
}
