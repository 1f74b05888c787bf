import type { Entry } from '../../routes/route.ts';
import type { RoutingTable } from '../../routes/table.ts';

/** A moment in the history of the table. The stamp is random: two histories may have the same numbers, never the same stamps. */
export interface Position {
  readonly generation: number;
  readonly stamp: string;
}

/** The most keys that the log names. */
const MOST_NAMED = 20;

/** Keys whose routes are not the same in both, for the log. */
export function differences(before: RoutingTable, after: readonly Entry[]): { count: number; named: string[] } {
  const left = new Set(before.keys());
  const keys: string[] = [];
  for (const { route } of after) {
    left.delete(route.key);
    const known = before.get(route.key)?.route;
    if (known?.data !== route.data) keys.push(route.key);
  }
  keys.push(...left);
  return { count: keys.length, named: keys.slice(0, MOST_NAMED) };
}
