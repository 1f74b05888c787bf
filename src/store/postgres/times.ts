import type { Scope } from '../../routes/scope.ts';
import { again } from './failures.ts';
import { inScope } from './scope.ts';
import type { Query } from './session.ts';

const MS = 10_000;
/** So many in a statement: for far fewer PostgreSQL reads the whole table as well. */
const AT_ONCE = 10_000;
const NOW = '(extract(epoch FROM statement_timestamp()) * 1000)::bigint';

type Time = readonly [key: string, ms: number];

/**
 * Moves last activities forward, and from the future, as the database's clock has it, back to now. Keys that aren't there are skipped: none comes
 * back by it.
 */
export async function touch(query: Query, schema: string, times: Iterable<Time>): Promise<void> {
  const text = `UPDATE "${schema}".activity t SET ms = least(greatest(t.ms, v.ms), ${NOW})
    FROM unnest($1::text[], $2::bigint[]) v(key, ms) WHERE t.key = v.key AND (t.ms < v.ms OR t.ms > ${NOW})`;
  const all = [...times];
  for (let start = 0; start < all.length; start += AT_ONCE) {
    const part = all.slice(start, start + AT_ONCE);
    const values = [part.map(([key]) => key), part.map(([, ms]) => Math.trunc(ms))];
    await again(() => query(text, values, MS));
  }
}

/** Last activities of a part of the table. There may be some of keys that have gone. */
export async function timesIn(query: Query, schema: string, scope: Scope): Promise<Time[]> {
  const { condition, values } = inScope(scope, 'key', 1);
  return timesOf(await query<TimeRow>(`SELECT key, ms FROM "${schema}".activity WHERE ${condition}`, values, MS));
}

/** Those of single keys. */
export async function timesOfKeys(query: Query, schema: string, keys: readonly string[]): Promise<Time[]> {
  return timesOf(
    await query<TimeRow>(`SELECT key, ms FROM "${schema}".activity WHERE key = ANY($1::text[])`, [keys], MS),
  );
}

interface TimeRow {
  readonly key: string;
  readonly ms: number;
}

function timesOf(rows: readonly TimeRow[]): Time[] {
  return rows.map(({ key, ms }) => [key, ms]);
}
