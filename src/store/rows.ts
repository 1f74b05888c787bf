import type { Entry } from '../routes/route.ts';
import { CorruptDatabase } from './sqlite-errors.ts';

/** A row of `routes` as SQLite gives it; from a broken file anything may be in it. */
export type Row = Record<string, unknown>;

/** The columns that `entryOfRow` needs. */
export const ROW_COLUMNS = 'key, data, last_activity';

/**
 * The entry a row holds. SQLite has no checksums, so a row is looked at before it is believed. The target is taken from
 * `data`: JSON escapes keep what a TEXT column cannot (a lone surrogate becomes U+FFFD there), and the Hub compares
 * targets as text.
 */
export function entryOfRow(row: Row): Entry {
  const { key, data, last_activity: lastActivity } = row;
  if (typeof key !== 'string' || typeof data !== 'string' || typeof lastActivity !== 'number') {
    throw new CorruptDatabase('a row of the table routes has values of the wrong type');
  }
  const target = targetOf(data);
  if (!key.startsWith('/') || target === undefined || !isTime(lastActivity)) {
    throw new CorruptDatabase(`the row of ${JSON.stringify(key)} does not hold a route`);
  }
  return { route: { key, target, data }, lastActivity };
}

function targetOf(data: string): string | undefined {
  try {
    const target = (JSON.parse(data) as { target?: unknown } | null)?.target;
    return typeof target === 'string' ? target : undefined;
  } catch {
    return undefined;
  }
}

// The range of Date: beyond it, toISOString() throws.
function isTime(ms: number): boolean {
  return Math.abs(ms) <= 8.64e15;
}
