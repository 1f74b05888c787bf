import type { ComponentChildren } from 'preact';
import type { StatusReport } from '../../../api/schemas.ts';
import type { Verified } from '../../../api/traffic/schemas.ts';
import { formatBytes, formatCount, formatDuration, formatShare, formatSpan, plural } from '../format.ts';
import { ActionButton } from '../parts/action-button.tsx';
import { Ago } from '../parts/ago.tsx';
import { Waiting } from '../parts/empty.tsx';
import { Name } from '../parts/name.tsx';
import { Facts, Panel } from '../parts/panel.tsx';
import { ROUTE } from '../parts/route-column.tsx';
import { Said } from '../parts/said.tsx';
import { StatusWord } from '../parts/status-word.tsx';
import { SyncButton } from '../parts/sync-button.tsx';
import { Table } from '../parts/table.tsx';
import { Known, Unknown } from '../parts/unknown.tsx';
import { stateOf } from '../problems.ts';
import { useMe, useServices } from '../services.ts';

/** How the proxy is, and what it costs. `now`: the daemon's time, as long as it is known. */
export function ProxyView({
  status,
  error,
  now = Date.now(),
}: {
  status: StatusReport | undefined;
  error: unknown;
  now: number | undefined;
}) {
  const { api, poller } = useServices();
  const me = useMe();
  if (!status) return <Waiting error={error} />;
  const verify = async () => {
    const { wanted, served, ms } = await api.act<Verified>('actions/verify');
    poller.refresh();
    return wanted === served
      ? `The proxy serves generation ${formatCount(served)}, as it should. Asked in ${formatDuration(ms)}.`
      : `The proxy serves generation ${formatCount(served)} of ${formatCount(wanted)}.`;
  };
  const { level, word } = stateOf(status);
  const { fleet, namespaces, refused } = status;
  return (
    <>
      <header class="view-head">
        <h1>Proxy</h1>
        <StatusWord level={level}>{word}</StatusWord>
        <span class="view-actions">
          {me?.mayOperate && <ActionButton title="Verify now" run={verify} />}
          <SyncButton />
        </span>
      </header>
      <div class="cards">
        <Serving status={status} now={now} />
        <Configurations status={status} />
        <Templates status={status} now={now} />
        <Activity activity={status.activity} />
      </div>
      {refused.length > 0 && (
        <Panel title={`Refused routes (${refused.length})`} note="the proxy serves the table without them">
          <Table
            caption="Routes that the proxy refuses"
            columns={[
              ROUTE,
              { title: 'Since', cell: ({ since }) => <Ago time={Date.parse(since)} now={now} /> },
              { title: 'Reason', cell: ({ reason }) => <Said text={reason} /> },
            ]}
            rows={refused}
            keyOf={({ key }) => key}
          />
        </Panel>
      )}
      {fleet && <Fleet fleet={fleet} wanted={status.generation.wanted} />}
      {namespaces.length > 0 && (
        <Panel title="Namespaces">
          <Table
            caption="Namespaces"
            columns={[
              { title: 'Name', isHead: true, cell: ({ name }) => <Name text={name} /> },
              { title: 'Routes', isNumber: true, cell: ({ routes }) => formatCount(routes) },
              {
                title: 'At most',
                isNumber: true,
                cell: ({ maxRoutes }) => (maxRoutes === null ? 'no limit' : formatCount(maxRoutes)),
              },
            ]}
            rows={namespaces}
            keyOf={({ name }) => name}
          />
        </Panel>
      )}
    </>
  );
}

function Serving({ status, now }: { status: StatusReport; now: number }) {
  const { driver, table, proxy, generation, pending, lastError, routes, version, uptimeSeconds } = status;
  return (
    <Panel title="Serving">
      <Facts
        facts={[
          ['Proxy', `${driver} ${proxy.version ?? ''}`],
          ['Restarts of the proxy', formatCount(proxy.restarts)],
          ['Generation served', generation.served < 0 ? 'none yet' : formatCount(generation.served)],
          ['Generation wanted', formatCount(generation.wanted)],
          [
            'Changes not served yet',
            pending === 0 ? 'none' : <StatusWord level="warning">{formatCount(pending)}</StatusWord>,
          ],
          ['Routes', `${formatCount(routes)} (held as “${table}”)`],
          [
            'Last failure',
            lastError ? (
              <Failed time={lastError.time} now={now}>
                {lastError.message}
              </Failed>
            ) : (
              'none since the start'
            ),
          ],
          ['Signalbox', `${version}, up for ${formatSpan(uptimeSeconds * 1000)}`],
        ]}
      />
    </Panel>
  );
}

function Failed({ time, now, children }: { time: string; now: number; children: string }) {
  return (
    <>
      <Ago time={Date.parse(time)} now={now} />: <Said text={children} />
    </>
  );
}

function Configurations({ status: { reloads, drainingWorkers, draining, pins } }: { status: StatusReport }) {
  const cannotBeSeen = 'this proxy has none, or they can not be seen from here';
  return (
    <Panel title="Reloads and old workers">
      <Facts
        facts={[
          ['Reloads', `${formatCount(reloads)} since the start`],
          ['Draining workers', <Known key="workers" value={drainingWorkers} show={formatCount} why={cannotBeSeen} />],
          [
            'Of earlier configurations',
            <Known key="generations" value={draining?.generations ?? null} show={formatCount} why={cannotBeSeen} />,
          ],
          [
            'Memory of their own',
            <Known key="bytes" value={draining?.bytes ?? null} show={formatBytes} why={cannotBeSeen} />,
          ],
          [
            'Targets with kept connections',
            <Known
              key="pins"
              value={pins?.targets ?? null}
              show={formatCount}
              why="this proxy keeps connections to all targets"
            />,
          ],
          [
            'Share of requests to these',
            <Known
              key="share"
              value={pins?.share ?? null}
              show={(share) => formatShare(share, 1)}
              why="no requests in the last minutes"
            />,
          ],
        ]}
      />
    </Panel>
  );
}

function Templates({ status: { templates }, now }: { status: StatusReport; now: number }) {
  const { own, error } = templates;
  return (
    <Panel title="Templates">
      <Facts
        facts={[
          [
            'State',
            error ? (
              <StatusWord level="warning">newest refused</StatusWord>
            ) : (
              <StatusWord level="ok">in use</StatusWord>
            ),
          ],
          ['Own templates in use', own.length === 0 ? 'none' : <Names names={own} />],
          error && ['Refused', <Ago key="time" time={Date.parse(error.time)} now={now} />],
          error && [
            'Where',
            error.file === null ? (
              <Unknown why="the proxy did not say" />
            ) : (
              <Name text={`${error.file}${error.line === null ? '' : `:${error.line}`}`} isCode />
            ),
          ],
          error && ['Why', <Said key="why" text={error.message} />],
        ]}
      />
    </Panel>
  );
}

const Names = ({ names }: { names: readonly string[] }) => (
  <ul class="inline">
    {names.map((name) => (
      <li key={name}>
        <Name text={name} isCode />
      </li>
    ))}
  </ul>
);

function Activity({ activity }: { activity: StatusReport['activity'] }) {
  const facts: (readonly [string, ComponentChildren])[] = activity
    ? [
        ['Lines of access logs read', formatCount(activity.lines)],
        ['Lines that could not be read', formatCount(activity.unreadable)],
        ['Not read yet', activity.backlogBytes === 0 ? 'nothing' : formatBytes(activity.backlogBytes)],
        [
          'Open connections',
          activity.blind === null ? (
            <StatusWord level="ok">are seen</StatusWord>
          ) : (
            <>
              <StatusWord level="warning">can not be seen</StatusWord>: <Said text={activity.blind} />
            </>
          ),
        ],
      ]
    : [['State', 'switched off: nothing is known of how routes are used']];
  return (
    <Panel title="Activity">
      <Facts facts={facts} />
    </Panel>
  );
}

function Fleet({ fleet, wanted }: { fleet: NonNullable<StatusReport['fleet']>; wanted: number }) {
  return (
    <Panel title="Replicas" note={plural(fleet.replicas.length, 'replica')}>
      <Facts
        facts={[
          ['Database', <Name key="database" text={fleet.database} isCode />],
          [
            'State',
            fleet.problem === null ? (
              <StatusWord level="ok">reachable</StatusWord>
            ) : (
              <>
                <StatusWord level="error">not reachable</StatusWord>: <Said text={fleet.problem} />
              </>
            ),
          ],
          [
            'Table of the database seen',
            fleet.staleSeconds < 1 ? 'just now' : `${formatSpan(fleet.staleSeconds * 1000)} ago`,
          ],
          [
            'Lease',
            fleet.lease ? 'held' : <StatusWord level="warning">not held: others do not wait for this one</StatusWord>,
          ],
          ['Hears of changes', fleet.listening ? 'at once' : 'by looking for them'],
          ['A change is answered when', fleet.ack === 'all' ? 'all proxies serve it' : 'its own proxy serves it'],
        ]}
      />
      <Table
        caption="Replicas"
        columns={[
          {
            title: 'Replica',
            isHead: true,
            cell: ({ name, self }) => (
              <>
                <Name text={name} />
                {self && <span class="muted"> (this one)</span>}
              </>
            ),
          },
          {
            title: 'State',
            cell: ({ state, leaseSeconds }) => (
              <StatusWord level={leaseSeconds < 0 ? 'error' : state === 'serving' ? 'ok' : 'info'}>
                {leaseSeconds < 0 ? 'gone' : state}
              </StatusWord>
            ),
          },
          { title: 'Serves', isNumber: true, cell: ({ served }) => formatCount(served) },
          { title: 'Behind', isNumber: true, cell: ({ served }) => formatCount(Math.max(0, wanted - served)) },
          { title: 'Waited for', cell: ({ awaited }) => (awaited ? 'yes' : 'no') },
          { title: 'Version', cell: ({ version }) => <Name text={version} /> },
          {
            title: 'API',
            cell: ({ api }) => (api === null ? <Unknown why="it has not said" /> : <Name text={api} isCode />),
          },
        ]}
        rows={fleet.replicas}
        keyOf={({ id }) => id}
      />
    </Panel>
  );
}
