import type { ComponentChildren } from 'preact';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { formatClock } from '../format.ts';
import { type Join, joinSamples } from '../series.ts';
import { onColours } from '../theme.ts';
import { Empty } from './empty.tsx';
import { type Colours, createPlot, plotData } from './plot.ts';
import { type Column, Table } from './table.tsx';
import { Unknown } from './unknown.tsx';

export interface Line {
  readonly label: string;
  /** A class of the style sheet. */
  readonly tone: string;
  readonly values: readonly (number | null)[];
  readonly show: (value: number) => string;
  /** How the table makes one value out of many. */
  readonly join: Join;
  readonly look?: 'line' | 'bars' | 'steps';
  readonly dash?: readonly number[];
  /** Has its own scale, at the right. */
  readonly isRight?: boolean;
  /** Why a value of it may not be known. */
  readonly why?: string;
}

export interface Scale {
  readonly show: (value: number) => string;
  readonly isLogarithmic?: boolean;
  /** The scale goes at least so far, so that noise doesn't look like a mountain. */
  readonly least: number;
}

export interface ChartProps {
  readonly title: string;
  readonly note?: ComponentChildren;
  readonly times: readonly number[];
  /** Which time is shown, ms up to the end of the last sample. */
  readonly span: number;
  /** How long a sample is, ms. */
  readonly step: number;
  readonly lines: readonly Line[];
  readonly scale: Scale;
  readonly rightScale?: Scale;
  readonly isStacked?: boolean;
  readonly isTall?: boolean;
  /** How many samples are one row of the table. */
  readonly rowSamples: number;
  /** Charts with the same name share a cursor. */
  readonly sync: string;
  /** What is said where there is nothing to draw. */
  readonly empty: string;
}

/** A chart with its legend, and the same as a table. */
export function Chart(props: ChartProps) {
  const { title, note, times, lines, empty, isTall = false } = props;
  const [isTable, setTable] = useState(false);
  const [at, setAt] = useState<number>();
  const heading = useId();
  const isEmpty = lines.every(({ values }) => values.every((value) => value === null || value === 0));
  const shown = at !== undefined && at < times.length ? at : times.length - 1;
  const time = times[shown];
  return (
    <section class={`panel chart ${isTall ? 'is-tall' : ''}`} aria-labelledby={heading}>
      <header class="panel-head">
        <h3 id={heading}>{title}</h3>
        {note && <span class="panel-note">{note}</span>}
        <span class="panel-actions">
          <button
            type="button"
            class="quiet"
            aria-pressed={isTable}
            aria-label={`${title} as a table`}
            onClick={() => setTable(!isTable)}
          >
            {isTable ? 'as a chart' : 'as a table'}
          </button>
        </span>
      </header>
      <ul class="legend">
        {time !== undefined && <li class="chart-time">{at === undefined ? 'now' : formatClock(time)}</li>}
        {lines.map(({ label, tone, values, show, why = 'nothing was measured then' }) => {
          const value = values[shown] ?? null;
          return (
            <li key={label}>
              <span class={`swatch ${tone}`} aria-hidden="true" />
              {label} <b>{value === null ? <Unknown why={why} /> : show(value)}</b>
            </li>
          );
        })}
      </ul>
      {isTable ? <AsTable {...props} /> : isEmpty ? <Empty title={empty} /> : <Plot {...props} onCursor={setAt} />}
    </section>
  );
}

function Plot(props: ChartProps & { onCursor: (index: number | undefined) => void }) {
  const { title, times, span, step, lines, scale, rightScale, isStacked = false, sync, onCursor } = props;
  const end = useRef(0);
  end.current = (times.at(-1) ?? 0) + step;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  // Which lines there are does not change while a chart is shown.
  useLayoutEffect(() => {
    const into = box.current;
    if (!into) return;
    let colours = coloursOf(into);
    const size = () => ({ width: Math.max(into.clientWidth, 120), height: into.clientHeight });
    const made = createPlot({
      into,
      size: size(),
      lines,
      scale,
      rightScale,
      isStacked,
      range: () => [end.current - span, end.current],
      sync,
      colours: () => colours,
      onCursor,
    });
    plot.current = made;
    const forget = onColours(() => {
      colours = coloursOf(into);
      made.redraw(false);
    });
    const resized = new ResizeObserver(() => made.setSize(size()));
    resized.observe(into);
    return () => {
      resized.disconnect();
      forget();
      made.destroy();
      onCursor(undefined);
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(plotData(times, lines, isStacked, scale.isLogarithmic ?? false));
  }, [times, lines, isStacked, scale]);
  return (
    <div ref={box} class="plot" role="img" aria-label={`${title}: ${summary(lines)}`}>
      {lines.map(({ label, tone }) => (
        <span key={label} class={`probe ${tone}`} />
      ))}
      <span class="probe probe-text" />
      <span class="probe probe-grid" />
      <span class="probe probe-ground" />
    </div>
  );
}

/** What the style sheet makes of the probes. */
function coloursOf(box: HTMLElement): Colours {
  const all = [...box.querySelectorAll('.probe')].map((probe) => getComputedStyle(probe).color);
  const [text = '', grid = '', ground = ''] = all.slice(-3);
  return { lines: all.slice(0, -3), text, grid, ground };
}

function summary(lines: readonly Line[]): string {
  const texts = lines.map(({ label, values, show }) => {
    const known = values.filter((value) => value !== null);
    const last = known.at(-1);
    return last === undefined ? `${label} unknown` : `${label} now ${show(last)}, at most ${show(Math.max(...known))}`;
  });
  return texts.join('; ');
}

interface Row {
  readonly time: number;
  readonly values: readonly (number | null)[];
}

function AsTable({ title, times, lines, rowSamples }: ChartProps) {
  const rows = useMemo(() => {
    const columns = lines.map(({ values, join }) => joinSamples(values, rowSamples, join));
    return times
      .filter((_, at) => at % rowSamples === 0)
      .map((time, row): Row => ({ time, values: columns.map((values) => values[row] ?? null) }))
      .reverse();
  }, [times, lines, rowSamples]);
  const columns: Column<Row>[] = [
    { title: 'From', isHead: true, cell: ({ time }) => formatClock(time) },
    ...lines.map(
      ({ label, show, why = 'nothing was measured then' }, at): Column<Row> => ({
        title: label,
        isNumber: true,
        cell: ({ values }) => {
          const value = values[at] ?? null;
          return value === null ? <Unknown why={why} /> : show(value);
        },
      }),
    ),
  ];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
    <section class="chart-table" tabIndex={0} aria-label={`${title}, a scrolling table`}>
      <Table caption={title} columns={columns} rows={rows} keyOf={({ time }) => time} class="dense keeps-columns" />
    </section>
  );
}
