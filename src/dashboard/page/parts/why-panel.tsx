import type { TrafficOfRoute } from '../../../api/traffic/schemas.ts';
import { formatAge, formatMoment, formatRate } from '../format.ts';
import { conclusionsOf, type Reason, reasonsOf } from '../why.ts';
import { Ago } from './ago.tsx';
import { Panel } from './panel.tsx';
import { Table } from './table.tsx';
import { Unknown } from './unknown.tsx';

/** What keeps a server alive: only the proxy knows what comes through. */
export function WhyPanel({
  of,
  hubTime,
  isKnownToHub,
}: {
  of: TrafficOfRoute;
  hubTime: number | null;
  isKnownToHub: boolean;
}) {
  const { why, time: now } = of;
  return (
    <Panel title={of.route.kind === 'user' ? 'Why is this server active?' : 'Why is this route active?'} class="why">
      <div class="panel-body">
        <p>
          A culler sees its last activity at <b class="nowrap">{formatMoment(why.lastActivity, now)}</b>{' '}
          <span class="muted">({formatAge(why.lastActivity, now)})</span>. Requests that count:{' '}
          <b class="nowrap">{formatRate(why.requestsPerMinute)}</b> a minute.
        </p>
        <ul class="conclusions">
          {conclusionsOf(why, hubTime, now).map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </div>
      <Table
        caption="What may have moved its last activity, the newest first"
        class="dense"
        columns={[
          {
            title: 'When',
            cell: ({ time }: Reason) =>
              time === null ? (
                <Unknown why="not since Signalbox started" />
              ) : (
                <>
                  {formatMoment(time, now)}{' '}
                  <span class="muted">
                    <Ago time={time} now={now} />
                  </span>
                </>
              ),
          },
          { title: 'Seen by', cell: ({ source }) => source },
          {
            title: 'What',
            isHead: true,
            cell: ({ text, isNewest }) => (
              <>
                {text}
                {isNewest && <strong class="newest"> ◀ this is what its time comes from</strong>}
              </>
            ),
          },
        ]}
        rows={reasonsOf(why, hubTime, isKnownToHub)}
        keyOf={({ text }) => text}
      />
    </Panel>
  );
}
