import { Breather, inSlices } from '../system/breather.ts';
import type { Batch, Plan } from './plan.ts';
import type { Route } from './route.ts';

type Part = Pick<Plan, 'set' | 'remove'>;

/** Gathers batches that no driver has confirmed yet; later ones win over earlier ones. */
export class Journal {
  #generation = 0;
  /** That of the last plan, unless it was put back. */
  #taken = 0;
  #full = false;
  /** The oldest first; none while the whole table is asked for. */
  #parts: Part[] = [];
  /** For keys of which no part has anything. */
  #again = new Map<string, Route>();

  get isEmpty(): boolean {
    const isNone = !this.#full && this.#parts.length === 0 && this.#again.size === 0;
    // A generation without a change has to be served, too: somebody may wait for it.
    return isNone && this.#generation === this.#taken;
  }

  record({ generation, whole, added, changed, removed }: Batch): void {
    this.#generation = generation;
    if (whole) this.requireFull(generation);
    // Merged when they are taken: a batch may be large, and nobody may see a part of it.
    else this.#add({ set: [...added, ...changed].map(({ route }) => route), remove: removed });
  }

  /** Asks for the whole table next time: at start, and when the proxy may have lost it. */
  requireFull(generation: number): void {
    this.#generation = generation;
    this.#full = true;
    this.#parts = [];
    this.#again.clear();
  }

  /** Adds these to the next plan, unless there is something newer for their keys. */
  again(routes: Iterable<Route>): void {
    if (this.#full) return;
    for (const route of routes) this.#again.set(route.key, route);
  }

  /** Takes everything recorded so far as one plan. `table` gives the routes for a full one. */
  async take(table: () => readonly Route[]): Promise<Plan> {
    const [generation, full, parts, again] = [this.#generation, this.#full, this.#parts, this.#again];
    [this.#full, this.#parts, this.#again, this.#taken] = [false, [], new Map(), generation];
    // At once: it may change meanwhile.
    if (full) return { generation, full, set: table(), remove: [] };
    const [only] = parts;
    if (only && parts.length === 1 && again.size === 0) return { generation, full, ...only };
    return { generation, full, ...(await merge([{ set: [...again.values()], remove: [] }, ...parts])) };
  }

  /** Puts a plan back that could not be applied; what was recorded meanwhile is newer and wins. */
  putBack(plan: Plan): void {
    this.#generation = Math.max(this.#generation, plan.generation);
    this.#taken = -1;
    // The next one is the whole table as well.
    if (plan.full) this.requireFull(this.#generation);
    else this.#add(plan, 'unshift');
  }

  #add({ set, remove }: Part, how: 'push' | 'unshift' = 'push'): void {
    if (!this.#full && set.length + remove.length > 0) this.#parts[how]({ set, remove });
  }
}

/** Later ones win. */
async function merge(parts: readonly Part[]): Promise<Part> {
  const breather = new Breather();
  const changes = new Map<string, Route | undefined>();
  for (const { set, remove } of parts) {
    await inSlices(remove, (key) => changes.set(key, undefined), breather);
    await inSlices(set, (route) => changes.set(route.key, route), breather);
  }
  const merged = { set: [] as Route[], remove: [] as string[] };
  await inSlices(changes, ([key, route]) => (route ? merged.set.push(route) : merged.remove.push(key)), breather);
  return merged;
}
