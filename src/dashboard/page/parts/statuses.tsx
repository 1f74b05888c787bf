import type { TrafficOfRoute } from '../../../api/traffic/schemas.ts';
import { formatCount, formatShare } from '../format.ts';
import { Empty } from './empty.tsx';
import { Table } from './table.tsx';

/** Answers by class, as a bar and as numbers. */
export function Statuses({ statuses }: { statuses: TrafficOfRoute['statuses'] }) {
  const rows = [
    { name: '1xx', hint: 'websockets that ended', tone: 'tone-1xx', count: statuses.informational },
    { name: '2xx', hint: '', tone: 'tone-2xx', count: statuses.success },
    { name: '3xx', hint: '', tone: 'tone-3xx', count: statuses.redirect },
    { name: '4xx', hint: '', tone: 'tone-4xx', count: statuses.clientError },
    { name: '5xx', hint: 'by the backend', tone: 'tone-5xx', count: statuses.serverError - statuses.unreachable },
    { name: '5xx', hint: 'by the proxy: backend not reachable', tone: 'tone-none', count: statuses.unreachable },
  ].map((row, at) => ({ ...row, at }));
  const sum = rows.reduce((total, { count }) => total + count, 0);
  if (sum === 0) return <Empty title="No answers yet" />;
  let x = 0;
  return (
    <>
      <svg class="share" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {rows.map(({ at, tone, count }) => {
          const width = (count / sum) * 1000;
          x += width;
          return <rect key={at} class={tone} x={x - width} y="0" width={width} height="10" />;
        })}
      </svg>
      <Table
        caption="Answers by class of status"
        class="dense keeps-columns"
        columns={[
          {
            title: 'Status',
            isHead: true,
            cell: ({ name, hint, tone }) => (
              <>
                <span class={`swatch ${tone}`} aria-hidden="true" />
                {name} <span class="muted">{hint}</span>
              </>
            ),
          },
          { title: 'Answers', isNumber: true, cell: ({ count }) => formatCount(count) },
          { title: 'Share', isNumber: true, cell: ({ count }) => formatShare(count, sum) },
        ]}
        rows={rows.filter(({ count }) => count > 0)}
        keyOf={({ at }) => at}
      />
    </>
  );
}
