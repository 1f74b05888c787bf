import { alignColumns } from '../../../src/cli/client/columns.ts';
import { size } from '../../../src/cli/quantities.ts';
import type { Adds, Spread } from './adds.ts';
import type { ServerCost } from './server-cost.ts';
import type { Starts } from './start.ts';

export interface AddsRow {
  readonly title: string;
  /** One at a time, and 10. */
  readonly adds: readonly Adds[];
  /** Of the daemon with SQLite, measured just before. */
  readonly base?: readonly Adds[];
}

export function addsTable(rows: readonly AddsRow[]): string {
  const kinds = ['1: answered', '1: served by all', '10: answered', '10: served by all'];
  const lines = rows.map(({ title, adds, base }) => [
    title,
    ...adds.flatMap((one, i) => [cell(one.answered, base?.[i]?.answered), cell(one.served, base?.[i]?.served)]),
  ]);
  return alignColumns([['added route, so many at a time: p50 / p95, ms', ...kinds], ...lines]);
}

export function costTable(rows: readonly (readonly [title: string, cost: ServerCost])[]): string {
  const lines = rows.map(([title, { cpuMs, walBytes, statements }]) => [
    title,
    number(cpuMs),
    size(walBytes) ?? '',
    number(statements),
  ]);
  return alignColumns([['PostgreSQL, a second', 'CPU, ms', 'WAL, bytes', 'transactions'], ...lines], [1, 2, 3]);
}

export function startsTable(routes: number, rows: readonly (readonly [title: string, starts: Starts])[]): string {
  const lines = rows.map(([title, { fresh, again }]) => [title, number(fresh), number(again)]);
  return alignColumns([[`start with ${routes} routes, s`, 'no nginx folder', 'again'], ...lines], [1, 2]);
}

function cell({ p50, p95 }: Spread, base: Spread | undefined): string {
  const ratio = base === undefined ? '' : ` (${number(p50 / base.p50)}×)`;
  return `${number(p50)} / ${number(p95)}${ratio}`;
}

/** Two digits that count. */
function number(value: number): string {
  return value >= 10 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(2)));
}
