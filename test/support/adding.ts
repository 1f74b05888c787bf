import type { Batch } from '../../src/routes/plan.ts';
import type { Entry } from '../../src/routes/route.ts';

/** A batch that only adds. */
export function adding(generation: number, ...added: Entry[]): Batch {
  return { generation, whole: false, added, changed: [], removed: [], touched: [] };
}
