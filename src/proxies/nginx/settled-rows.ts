import { depthOf, firstSegments } from '../../routes/key.ts';
import { Breather } from '../../system/breather.ts';
import { BesideRows, type Lookup, mapRow } from './beside-rows.ts';
import { type Descriptor, NO_ROUTE } from './descriptor.ts';
import { fitsMap } from './limits.ts';
import { quoteLiteral, quoteValue } from './quote.ts';

/** More would hold up the API and reloads: then all requests use the live table. */
const MOST_ROWS = 20_000;

/** The routes as they were when a configuration was rendered: rows of its maps, which nginx finds without a look at a file. */
export interface SettledRows {
  /** How many segments of a changed key are marked (`Marks`). */
  readonly depth: number;
  /** Where a request goes that no row takes. */
  readonly root: Descriptor;
  /** One map each; the last one that has a row wins. */
  readonly layers: readonly SettledLayer[];
  readonly count: number;
  /** Bytes of the longest key: map_hash_bucket_size depends on it. */
  readonly longestKey: number;
}

export interface SettledLayer extends Lookup {
  /** nginx looks keys up without regard to case: a path with capitals is not looked up among keys that have none. */
  readonly capitals: boolean;
}

/** The rows of a table, the same text for the same table; undefined for one that none are worth it for. */
export async function settleRows(entries: Iterable<[string, Descriptor]>): Promise<SettledRows | undefined> {
  const table = new Map<string, Descriptor>();
  for (const [key, descriptor] of entries) if (table.set(key, descriptor).size > MOST_ROWS) return undefined;
  const depth = markDepth(table.keys());
  if (depth === undefined) return undefined;
  const keys = [...table.keys()].filter((key) => key !== '/').sort();
  const layers: SettledLayer[] = [];
  let longestKey = 0;
  const breather = new Breather();
  for (const [own, group] of [...Map.groupBy(keys, depthOf)].sort(([a], [b]) => a - b)) {
    const plain: string[] = [];
    const capital = new BesideRows();
    for (const key of group) {
      const descriptor = table.get(key) as Descriptor;
      // Not all of the table could be rows.
      if (!fitsMap(quoteLiteral(key), quoteValue(mapRow(key, descriptor)))) return undefined;
      if (/[A-Z]/.test(key)) capital.set(key, descriptor);
      else plain.push(row(key, descriptor));
      longestKey = Math.max(longestKey, Buffer.byteLength(key));
      if (breather.isDue) await breather.rest();
    }
    layers.push({ depth: own, name: `${own}`, rows: plain.join(''), capitals: false });
    layers.push(...capital.lookups(CAPITALS).map((lookup) => ({ ...lookup, capitals: true })));
  }
  return { depth, root: table.get('/') ?? NO_ROUTE, layers, count: table.size, longestKey };
}

/** With the key once more, to be compared exactly. */
const CAPITALS = { row: (key: string, descriptor: Descriptor) => row(key, mapRow(key, descriptor)) };

function row(key: string, value: string): string {
  return `  ${quoteLiteral(key)} ${quoteValue(value)};\n`;
}

/**
 * At which depth a changed key takes the fewest other routes out of the rows: those that share so many segments with it, or all when it
 * has fewer itself. Undefined for a table without routes but the root's.
 */
export function markDepth(keys: Iterable<string>): number | undefined {
  const all = [...keys].filter((key) => key !== '/');
  const depths = new Set(all.map(depthOf));
  let best: { depth: number; cost: number } | undefined;
  for (const depth of depths) {
    const sharing = new Map<string, number>();
    let cost = 0;
    for (const key of all) {
      const prefix = firstSegments(key, depth);
      if (prefix === undefined) cost += all.length;
      else sharing.set(prefix, (sharing.get(prefix) ?? 0) + 1);
    }
    for (const count of sharing.values()) cost += count * count;
    if (best === undefined || cost < best.cost || (cost === best.cost && depth < best.depth)) best = { depth, cost };
  }
  return best?.depth;
}
