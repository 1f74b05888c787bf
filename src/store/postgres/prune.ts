import { again } from './failures.ts';
import type { Query } from './session.ts';

const MS = 10_000;
/** So many rows in a statement: nobody waits long for the locks of one. */
const AT_ONCE = 5_000;

export interface PruneOptions {
  /** A replica that was away for longer loads everything, seconds. */
  readonly keepS?: number;
  /** How long a replica is remembered whose lease has ended, seconds. */
  readonly keepReplicasS?: number;
}

/** Removes what nobody needs any more, and gives the number of rows. Any number of replicas may do it, at any time. */
export async function prune(query: Query, schema: string, options: PruneOptions = {}): Promise<number> {
  const { keepS = 24 * 3_600, keepReplicasS = 3_600 } = options;
  let count = 0;
  for (const [text, seconds] of [
    [oldGenerations(schema), keepS],
    [oldTombstones(schema), undefined],
    [oldActivity(schema), keepS],
    [oldReplicas(schema), keepReplicasS],
  ] as const) {
    // Until there is nothing: others may have taken a part of what this one was about to take.
    for (let removed = 1; removed > 0; count += removed) {
      const values = seconds === undefined ? [] : [seconds];
      removed = (await again(() => query(text, values, MS))).length;
    }
  }
  return count;
}

const AGO = "clock_timestamp() - $1::float8 * interval '1 s'";

/** Never the newest, by which everybody goes on. */
function oldGenerations(schema: string): string {
  return `DELETE FROM "${schema}".generations WHERE generation IN (
    SELECT g.generation FROM "${schema}".generations g, "${schema}".meta m WHERE g.at < ${AGO} AND g.generation < m.generation
    ORDER BY g.generation LIMIT ${AT_ONCE}) RETURNING 1`;
}

/** After those: whoever asks from a generation that is left gets what went after it. The row may have come back meanwhile. */
function oldTombstones(schema: string): string {
  const old = `gone AND generation < (SELECT min(generation) FROM "${schema}".generations)`;
  return `DELETE FROM "${schema}".routes WHERE key IN (SELECT key FROM "${schema}".routes WHERE ${old} LIMIT ${AT_ONCE})
    AND ${old} RETURNING 1`;
}

/** Old ones alone: that of a key that comes back just now is new, which is looked at again before it goes; a route without one is never touched. */
function oldActivity(schema: string): string {
  const old = `a.ms < (extract(epoch FROM ${AGO}) * 1000)::bigint`;
  return `DELETE FROM "${schema}".activity a WHERE a.key IN (
    SELECT a.key FROM "${schema}".activity a LEFT JOIN "${schema}".routes r ON r.key = a.key
    WHERE ${old} AND (r.key IS NULL OR r.gone) LIMIT ${AT_ONCE}) AND ${old} RETURNING 1`;
}

function oldReplicas(schema: string): string {
  return `DELETE FROM "${schema}".replicas WHERE lease_until < ${AGO} RETURNING 1`;
}
