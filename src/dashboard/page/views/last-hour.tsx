import { useMemo, useState } from 'preact/hooks';
import type { Series, Traffic } from '../../../api/traffic/schemas.ts';
import { formatCount, formatDuration, formatRate } from '../format.ts';
import { Chart, type Line, type Scale } from '../parts/chart.tsx';
import { Waiting } from '../parts/empty.tsx';

const SPANS = { hour: 'Last hour', minutes: 'Last 5 minutes' } as const;
type Span = keyof typeof SPANS;
const YOUNG_MS = 10 * 60_000;

const COUNTS: Scale = { show: formatCount, least: 5 };
const RATES: Scale = { show: formatRate, least: 1 };
/** Axes have round values. */
const showTime = (ms: number) => formatDuration(ms).replace('.0 ', ' ');
const TIMES: Scale = { show: showTime, least: 10, isLogarithmic: true };
const WAITS: Scale = { show: showTime, least: 20 };

/** Five charts over the same time. */
export function LastHour({ traffic, error }: { traffic: Traffic | undefined; error: unknown }) {
  const [chosen, choose] = useState<Span>();
  // Of a daemon that has just been started an hour would show next to nothing.
  const isYoung = traffic !== undefined && traffic.time - traffic.since < YOUNG_MS;
  const span = chosen ?? (isYoung ? 'minutes' : 'hour');
  const series = traffic && (span === 'hour' ? traffic.coarse : traffic.fine);
  const shown = useMemo(() => series && traffic && linesOf(series, traffic), [series, traffic]);
  return (
    <section class="last-hour" aria-labelledby="last-hour">
      <header class="section-head">
        <h2 id="last-hour">Traffic</h2>
        <fieldset class="presets">
          <legend class="visually-hidden">Time that the charts show</legend>
          {(Object.keys(SPANS) as Span[]).map((one) => (
            <button key={one} type="button" aria-pressed={one === span} onClick={() => choose(one)}>
              {SPANS[one]}
            </button>
          ))}
        </fieldset>
      </header>
      {!shown || !traffic ? (
        <Waiting error={error} />
      ) : (
        <Charts key={span} lines={shown} traffic={traffic} span={span} />
      )}
    </section>
  );
}

function Charts({ lines, traffic, span }: { lines: ReturnType<typeof linesOf>; traffic: Traffic; span: Span }) {
  const { times } = lines;
  const isHour = span === 'hour';
  const common = {
    times,
    step: isHour ? 10_000 : 1_000,
    span: isHour ? 3_600_000 : 300_000,
    rowSamples: isHour ? 6 : 10,
    sync: 'overview',
  };
  const during = isHour ? 'in the last hour' : 'in the last 5 minutes';
  const connections = traffic.open === 'connections';
  return (
    <div class="charts">
      <Chart
        {...common}
        title="Requests/s"
        lines={lines.requests}
        scale={RATES}
        isStacked
        empty={`No requests ${during}`}
      />
      <Chart
        {...common}
        title={traffic.firstByte === 'whole answer' ? 'Whole answer' : 'First byte'}
        note={
          traffic.firstByte === 'whole answer'
            ? 'this proxy tells no time of the first byte'
            : 'of the backend, log scale'
        }
        lines={lines.firstByte}
        scale={TIMES}
        empty={`No times were measured ${during}`}
      />
      <Chart
        {...common}
        title={connections ? 'Open connections' : 'Open websockets'}
        note={connections ? 'of any kind' : 'and uploads'}
        lines={lines.open}
        scale={COUNTS}
        empty={traffic.blind === null ? `None was open ${during}` : `They can not be seen: ${traffic.blind}`}
      />
      <Chart
        {...common}
        title="Changes of routes"
        lines={lines.changes}
        scale={COUNTS}
        rightScale={WAITS}
        empty={`No route was changed ${during}`}
      />
      <Chart
        {...common}
        title="Reloads"
        lines={lines.reloads}
        scale={COUNTS}
        empty={`The proxy was not reloaded ${during}`}
      />
    </div>
  );
}

function linesOf(series: Series, traffic: Traffic) {
  const { step } = series;
  // The newest sample may not be over, and would look like a drop.
  const isOver = (series.times.at(-1) ?? 0) + step <= traffic.time;
  const whole = <T,>(values: readonly T[]): readonly T[] => (isOver ? values : values.slice(0, -1));
  const perSecond = (values: readonly number[]) => whole(values).map((value) => (value * 1000) / step);
  const rate = (label: string, tone: string, values: readonly number[]): Line => ({
    label,
    tone,
    values: perSecond(values),
    show: formatRate,
    join: 'mean',
  });
  const time = (label: string, tone: string, values: readonly (number | null)[], dash?: readonly number[]): Line => ({
    label,
    tone,
    values: whole(values),
    show: formatDuration,
    join: 'most',
    why: 'no times were measured then',
    ...(dash && { dash }),
  });
  const blind = traffic.blind ?? 'nothing was seen then';
  const open = (label: string, tone: string, values: readonly (number | null)[], dash?: readonly number[]): Line => ({
    label,
    tone,
    values: whole(values),
    show: formatCount,
    join: 'most',
    look: 'steps',
    why: blind,
    ...(dash && { dash }),
  });
  const requests: Line[] = [
    rate('5xx', 'tone-5xx', series.serverError),
    rate('4xx', 'tone-4xx', series.clientError),
    rate('3xx', 'tone-3xx', series.redirect),
    rate('1xx', 'tone-1xx', series.informational),
    rate('2xx', 'tone-2xx', series.success),
  ];
  return {
    times: whole(series.times),
    requests,
    firstByte: [
      time('p50', 'tone-a', series.firstByteP50),
      time('p95', 'tone-b', series.firstByteP95, [6, 3]),
      time('p99', 'tone-c', series.firstByteP99, [2, 3]),
    ],
    open: [open(traffic.open, 'tone-a', series.websockets), open('people', 'tone-b', series.people, [6, 3])],
    changes: [
      {
        label: 'changes',
        tone: 'tone-bars',
        values: whole(series.changes),
        show: formatCount,
        join: 'sum',
        look: 'bars',
      },
      { ...time('served within (p95)', 'tone-b', series.passP95), isRight: true, why: 'no change then' },
    ] satisfies Line[],
    reloads: [
      {
        label: 'reloads',
        tone: 'tone-bars',
        values: whole(series.reloads),
        show: formatCount,
        join: 'sum',
        look: 'bars',
      },
    ] satisfies Line[],
  };
}
