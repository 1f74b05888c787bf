import { useEffect, useMemo } from 'preact/hooks';
import type { TrafficOfRoute } from '../../../api/traffic/schemas.ts';
import type { HubUser } from '../../page-api.ts';
import { Failure } from '../api.ts';
import { eventsQuestion } from '../event-log.ts';
import { formatBytes, formatCount, formatDuration, formatMoment, formatRate, formatSpan, plural } from '../format.ts';
import { hashOf } from '../location.ts';
import { Chart, type Line } from '../parts/chart.tsx';
import { Empty, FailureText, Waiting } from '../parts/empty.tsx';
import { EventTable } from '../parts/event-table.tsx';
import { Name } from '../parts/name.tsx';
import { Owner } from '../parts/owner.tsx';
import { Facts, Panel } from '../parts/panel.tsx';
import { RouteActions } from '../parts/route-actions.tsx';
import { Said } from '../parts/said.tsx';
import { HttpStatus, StatusWord } from '../parts/status-word.tsx';
import { Statuses } from '../parts/statuses.tsx';
import { Known, Unknown } from '../parts/unknown.tsx';
import { WhyPanel } from '../parts/why-panel.tsx';
import { useMe, usePoll, useQuestion } from '../services.ts';
import { httpUrl } from '../url.ts';

/** The Hub's database isn't asked each two seconds. */
const HUB_MS = 30_000;
const EVENTS = 20;

/** One route: what it is, how it is used, and what keeps it active. */
export function Route({ routeKey }: { routeKey: string }) {
  const me = useMe();
  const { data, error } = usePoll<TrafficOfRoute>(`api/traffic/route?${new URLSearchParams({ key: routeKey })}`);
  const isGone = error instanceof Failure && error.status === 404;
  useEffect(() => {
    // The button that had the focus is gone with the route.
    if (isGone && document.activeElement === document.body) document.getElementById('main')?.focus();
  }, [isGone]);
  const user = data?.route.kind === 'user' ? data.route.user : null;
  const hub = usePoll<HubUser>(
    me?.hub && user !== null ? `api/hub/user?${new URLSearchParams({ name: user })}` : undefined,
    HUB_MS,
  );
  return (
    <>
      <nav class="crumbs" aria-label="Where this is">
        <a href={hashOf('routes')}>Routes</a>
      </nav>
      <header class="view-head">
        <h1>
          <Name text={routeKey} />
        </h1>
        {data && !isGone && <Owner route={data.route} />}
        {data && !isGone && <RouteActions of={data} />}
      </header>
      {isGone ? (
        <div class="panel">
          <Empty title="This route is not in the table">
            It was removed, or it never was there. <a href={hashOf('routes')}>Show all routes</a>
          </Empty>
        </div>
      ) : data ? (
        <Details of={data} hub={hub} />
      ) : (
        <Waiting error={error} />
      )}
      <RouteEvents routeKey={routeKey} />
    </>
  );
}

interface HubAnswer {
  readonly data: HubUser | undefined;
  readonly error: unknown;
}

function Details({ of, hub }: { of: TrafficOfRoute; hub: HubAnswer }) {
  const me = useMe();
  const { route, time, since } = of;
  const server = hub.data?.servers.find(({ name }) => name === (route.server ?? ''));
  return (
    <>
      {route.unreachableSince !== null && (
        <p class="banner is-error">
          <b>Its backend is not reachable</b> since {formatMoment(route.unreachableSince, time)} (
          {formatSpan(time - route.unreachableSince)}): the proxy gets no answer from{' '}
          <Name text={route.target} isCode />.
        </p>
      )}
      <div class="two">
        <WhyPanel of={of} hubTime={timeOf(server?.lastActivity)} isKnownToHub={server !== undefined} />
        <Panel title="What it is">
          <Facts
            facts={[
              ['Target', <Name key="target" text={route.target} isCode />],
              of.sharedWith > 0 && [
                'Shared with',
                `${plural(of.sharedWith, 'other route')}: open connections can not be told apart`,
              ],
              [
                'Open now',
                <Known key="open" value={route.open} show={formatCount} why="open connections can not be seen" />,
              ],
              [
                'Last status',
                route.lastStatus === null ? (
                  <Unknown why="no answer since Signalbox started" />
                ) : (
                  <HttpStatus status={route.lastStatus} />
                ),
              ],
              [
                'Requests',
                `${formatCount(of.requests)} since ${formatMoment(since, time)} (${formatSpan(time - since)})`,
              ],
              ['Sent to clients', formatBytes(of.bytes)],
              me?.hub &&
                route.kind === 'user' && ['At the Hub', <AtHub key="hub" hub={hub} server={server} now={time} />],
            ]}
          />
        </Panel>
      </div>
      <div class="two">
        <Hour of={of} />
        <Panel title="Answers" note={`since ${formatMoment(since, time)}`}>
          <Statuses statuses={of.statuses} />
          <Facts
            facts={[
              ['First byte p50', <Lately key="p50" value={of.firstByteP50} />],
              ['First byte p95', <Lately key="p95" value={of.firstByteP95} />],
              ['First byte p99', <Lately key="p99" value={of.firstByteP99} />],
            ]}
          />
        </Panel>
      </div>
      <Panel title="Data" note={of.dataIsCut ? 'the first 4 KiB' : 'as the Hub gave it'}>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
        <section class="data" tabIndex={0} aria-label="Data of the route">
          <Said text={of.dataIsCut ? of.data : indented(of.data)} />
        </section>
      </Panel>
    </>
  );
}

const Lately = ({ value }: { value: number | null }) => (
  <Known value={value} show={formatDuration} why="no times were measured in the last minutes" />
);

/** As a person would write it; what is no JSON stays as it is. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const timeOf = (iso: string | null | undefined) => (iso ? Date.parse(iso) : null);

function AtHub({
  hub: { data, error },
  server,
  now,
}: {
  hub: HubAnswer;
  server: HubUser['servers'][number] | undefined;
  now: number;
}) {
  if (!data) return error === undefined ? <>asking…</> : <FailureText error={error} />;
  if (!server) return <StatusWord level="warning">the Hub has no such server running</StatusWord>;
  const started = timeOf(server.started);
  const href = httpUrl(server.url);
  return (
    <>
      <StatusWord level={server.ready ? 'ok' : 'info'}>
        {server.pending ? `${server.pending} pending` : server.ready ? 'running' : 'not ready'}
      </StatusWord>
      {started !== null && `, started ${formatSpan(now - started)} ago`}
      {href && (
        <>
          , <a href={href}>open the server</a>
        </>
      )}
    </>
  );
}

function Hour({ of: { minutes } }: { of: TrafficOfRoute }) {
  const shown = useMemo(() => {
    if (!minutes) return undefined;
    const { first, requests, serverErrors } = minutes;
    const line = (label: string, tone: string, values: readonly number[]): Line => ({
      label,
      tone,
      values,
      show: formatRate,
      join: 'sum',
      look: 'bars',
    });
    const others = requests.map((value, at) => value - (serverErrors[at] ?? 0));
    return {
      times: requests.map((_, at) => first + at * 60_000),
      lines: [line('5xx', 'tone-5xx', serverErrors), line('others', 'tone-2xx', others)],
    };
  }, [minutes]);
  if (!shown) {
    return (
      <Panel title="Requests a minute">
        <Empty title="No history">It was never used, or there was no room for its history.</Empty>
      </Panel>
    );
  }
  return (
    <Chart
      title="Requests a minute"
      note="the last hour"
      times={shown.times}
      lines={shown.lines}
      scale={{ show: formatRate, least: 5 }}
      isStacked
      isTall
      rowSamples={1}
      span={3_600_000}
      step={60_000}
      sync="route"
      empty="No requests in the last hour"
    />
  );
}

function RouteEvents({ routeKey }: { routeKey: string }) {
  const { data } = useQuestion(eventsQuestion);
  const events =
    data?.events
      .filter(({ key }) => key === routeKey)
      .slice(-EVENTS)
      .reverse() ?? [];
  if (!data || events.length === 0) return null;
  return (
    <Panel title="Events" actions={<a href={hashOf('events', { q: routeKey })}>all</a>}>
      <EventTable events={events} now={data.time} isOfOneRoute />
    </Panel>
  );
}
