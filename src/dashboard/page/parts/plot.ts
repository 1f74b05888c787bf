import uPlot from 'uplot';
import { formatShortClock } from '../format.ts';
import type { Line, Scale } from './chart.tsx';

/** Colours as the style sheet has them just now: a canvas knows no variables. */
export interface Colours {
  readonly lines: readonly string[];
  readonly text: string;
  readonly grid: string;
  readonly ground: string;
}

export interface PlotOptions {
  readonly into: HTMLElement;
  readonly size: { readonly width: number; readonly height: number };
  readonly lines: readonly Line[];
  readonly scale: Scale;
  /** Of a second axis, for the lines that want it. */
  readonly rightScale: Scale | undefined;
  readonly isStacked: boolean;
  /** Which time is shown, though there may be data of less. */
  readonly range: () => [from: number, to: number];
  readonly sync: string;
  readonly colours: () => Colours;
  readonly onCursor: (index: number | undefined) => void;
}

const FONT = '11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

const MINUTES = [1, 2, 5, 10, 15, 30, 60].map((minutes) => minutes * 60_000);

/** Charts with one `sync` show the same moment. */
export function createPlot(options: PlotOptions): uPlot {
  const { into, size, lines, scale, rightScale, isStacked, range, sync, colours, onCursor } = options;
  const axis = (name: string, { show, isLogarithmic }: Scale, isLeft: boolean): uPlot.Axis => ({
    scale: name,
    side: isLeft ? 3 : 1,
    size: 52,
    space: 28,
    gap: 6,
    font: FONT,
    stroke: () => colours().text,
    grid: { show: isLeft, stroke: () => colours().grid, width: 1, ...(isLogarithmic && { filter: powers }) },
    ...(isLogarithmic && { filter: powers }),
    ticks: { show: false },
    values: (_, values) => values.map((value) => (value === null ? '' : show(value))),
  });
  const drawn = lines.map((line, at) => seriesOf(line, () => colours().lines[at] ?? '', isStacked, colours));
  return new uPlot(
    {
      ...size,
      ms: 1,
      padding: [8, rightScale ? 0 : 18, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, sync: { key: sync }, points: { show: !isStacked, size: 6 } },
      scales: {
        x: { range },
        y: scaleOf(scale),
        ...(rightScale && { right: scaleOf(rightScale) }),
      },
      axes: [
        {
          font: FONT,
          size: 24,
          gap: 4,
          space: 56,
          incrs: MINUTES,
          stroke: () => colours().text,
          grid: { show: false },
          ticks: { show: false },
          values: (_, times) => times.map(formatShortClock),
        },
        axis('y', scale, true),
        ...(rightScale ? [axis('right', rightScale, false)] : []),
      ],
      // What is stacked is painted from the top down, each over the one before.
      series: [{}, ...(isStacked ? drawn.reverse() : drawn)],
      hooks: { setCursor: [({ cursor }) => onCursor(cursor.idx ?? undefined)] },
    },
    [[], ...lines.map(() => [])],
    into,
  );
}

/** Of a logarithmic scale only 1, 10, 100 are shown. */
const powers: uPlot.Axis.Filter = (_, values) =>
  values.map((value) => (Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value : null));

function seriesOf(line: Line, colour: () => string, isStacked: boolean, colours: () => Colours): uPlot.Series {
  const common: uPlot.Series = { scale: line.isRight ? 'right' : 'y', points: { show: false } };
  if (isStacked && line.look === 'bars') return { ...common, fill: colour, width: 0, paths: bars };
  if (isStacked) return { ...common, stroke: () => colours().ground, fill: colour, width: 1 };
  if (line.look === 'bars') {
    return { ...common, stroke: colour, fill: colour, width: 0, paths: bars };
  }
  const isAlone: uPlot.Series.Points.Show = (plot, series, first, last) => {
    // A value between unknown ones would not be seen as a line.
    const values = plot.data[series]?.slice(first, last + 1) ?? [];
    return values.some((value, at) => value != null && values[at - 1] == null && values[at + 1] == null);
  };
  return {
    ...common,
    stroke: colour,
    width: 1.5,
    points: { show: isAlone, size: 3, fill: colour },
    ...(line.dash && { dash: [...line.dash] }),
    ...(line.look === 'steps' && { paths: steps }),
  };
}

const bars: uPlot.Series.PathBuilder = (...given) =>
  uPlot.paths.bars?.({ size: [0.8, 12, 3], align: 1 })(...given) ?? null;
const steps: uPlot.Series.PathBuilder = (...given) => uPlot.paths.stepped?.({ align: 1 })(...given) ?? null;

function scaleOf({ isLogarithmic = false, least }: Scale): uPlot.Scale {
  if (isLogarithmic) {
    return {
      distr: 3,
      range: (_, min, max) => [
        10 ** Math.floor(Math.log10(Math.max(min ?? 1, 0.1))),
        10 ** Math.ceil(Math.log10(Math.max((max ?? 1) * 1.01, 10))),
      ],
    };
  }
  return { range: (_, _min, max) => [0, Math.max((max ?? 0) * 1.1, least)] };
}

/** What is drawn: times, then a row a line. */
export function plotData(
  times: readonly number[],
  lines: readonly Line[],
  isStacked: boolean,
  isLogarithmic: boolean,
): uPlot.AlignedData {
  if (!isStacked) {
    const rows = lines.map(({ values }) =>
      isLogarithmic ? values.map((value) => (value === null ? null : Math.max(value, 0.1))) : [...values],
    );
    return [[...times], ...rows];
  }
  const sums: number[][] = [];
  for (const { values } of lines) {
    const below = sums.at(-1);
    sums.push(values.map((value, at) => (value ?? 0) + (below?.[at] ?? 0)));
  }
  return [[...times], ...sums.reverse()];
}
