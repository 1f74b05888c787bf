import type { Batch, Plan } from './plan.ts';
import type { Route } from './route.ts';

/** Gathers batches that no driver has confirmed yet; later ones win over earlier ones. */
export class Journal {
  #generation = 0;
  #full = false;
  #changes = new Map<string, Route | undefined>();

  get isEmpty(): boolean {
    return !this.#full && this.#changes.size === 0;
  }

  record(batch: Batch): void {
    this.#generation = batch.generation;
    if (batch.replace) {
      this.#full = true;
      this.#changes.clear();
    }
    for (const key of batch.remove) this.#changes.set(key, undefined);
    for (const { route } of batch.set) this.#changes.set(route.key, route);
  }

  /** Asks for the whole table next time: at start, and when the proxy may have lost it. */
  requireFull(generation: number): void {
    this.#generation = generation;
    this.#full = true;
  }

  /** Adds these to the next plan, unless there is something newer for their keys. */
  again(routes: Iterable<Route>): void {
    for (const route of routes) if (!this.#changes.has(route.key)) this.#changes.set(route.key, route);
  }

  /** Takes everything recorded so far as one plan. `table` gives the routes for a full one. */
  take(table: () => Iterable<Route>): Plan {
    const full = this.#full;
    const changes = this.#changes;
    this.#full = false;
    this.#changes = new Map();
    if (full) return { generation: this.#generation, full, set: [...table()], remove: [] };
    const set: Route[] = [];
    const remove: string[] = [];
    for (const [key, route] of changes) route ? set.push(route) : remove.push(key);
    return { generation: this.#generation, full, set, remove };
  }

  /** Puts a plan back that could not be applied; what was recorded meanwhile is newer and wins. */
  putBack(plan: Plan): void {
    this.#generation = Math.max(this.#generation, plan.generation);
    if (plan.full) {
      // The next one is the whole table as well.
      this.#full = true;
      return;
    }
    const newer = this.#changes;
    this.#changes = new Map();
    for (const key of plan.remove) this.#changes.set(key, undefined);
    for (const route of plan.set) this.#changes.set(route.key, route);
    for (const [key, route] of newer) this.#changes.set(key, route);
  }
}
