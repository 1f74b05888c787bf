import type { Row } from '../measures/section.ts';
import { quantile } from './quantile.ts';
import type { Results } from './results.ts';

/** One row as text: label, then a cell for each contender. */
export function cells(row: Row, contenders: Results['contenders']): string[] {
  const values = contenders.map(({ rounds }) => middle(rounds.map((figures) => figures[row.key])));
  const [base] = values;
  const texts = values.map((value, index) => {
    if (typeof value !== 'number') return value ?? '–';
    const isComparable = row.ratio === 'shown' && index > 0 && typeof base === 'number';
    return isComparable ? `${format(value)} (${format(value / base)}×)` : format(value);
  });
  return [`${row.label}, ${row.unit}`, ...texts];
}

/** The median of the rounds that have it; what is no number says how far a measure came, and counts for all rounds. */
function middle(values: readonly (number | string | undefined)[]): number | string | undefined {
  const text = values.find((value) => typeof value === 'string');
  const numbers = values.filter((value) => typeof value === 'number');
  return text ?? (numbers.length > 0 ? quantile(numbers, 0.5) : undefined);
}

/** Two digits that count, and none that pretend: 0.043, 1.2, 12, 1,235. */
function format(value: number): string {
  if (value >= 10) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(2)));
}
