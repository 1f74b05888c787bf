import { isDeepStrictEqual } from 'node:util';
import { type Paint, painter, printable } from '../terminal-text.ts';
import type { Table } from './read-table.ts';

/** One route that differs between two tables. */
export interface Difference {
  readonly event: 'added' | 'changed' | 'removed';
  readonly route: string;
  /** The route as it is now; as it was, where it is gone. */
  readonly data: { readonly target: string };
}

/** What turns one table into the other, in the order of the keys. When a route was last used is no difference. */
export function differences(before: Table, after: Table): Difference[] {
  const found: Difference[] = [];
  for (const route of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const [old, now] = [before[route], after[route]];
    if (old === undefined && now !== undefined) found.push({ event: 'added', route, data: now });
    else if (old !== undefined && now === undefined) found.push({ event: 'removed', route, data: old });
    else if (old && now && !isDeepStrictEqual(lasting(old), lasting(now))) {
      found.push({ event: 'changed', route, data: now });
    }
  }
  return found;
}

const SIGNS = { added: ['green', '+'], changed: ['yellow', '~'], removed: ['red', '-'] } as const;

/** A line for each: `+ /user/ada  http://127.0.0.1:9001` */
export function describeChanges(changes: readonly Difference[], paint: Paint = painter(false)): string {
  if (changes.length === 0) return 'Nothing changes.\n';
  return changes.map((change) => `${describeChange(change, paint)}\n`).join('');
}

export function describeChange({ event, route, data }: Difference, paint: Paint): string {
  const [style, sign] = SIGNS[event];
  return paint(style, `${sign} ${printable(route)}  ${printable(data.target)}`);
}

/** `last_activity` moves by itself, and `host` is made from the key. */
function lasting(route: object): object {
  const { last_activity: _, host: __, ...rest } = route as Record<string, unknown>;
  return rest;
}
