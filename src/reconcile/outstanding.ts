import { Journal } from '../routes/journal.ts';
import type { Batch, Plan } from '../routes/plan.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Leftovers } from './leftovers.ts';
import type { RefusedRoutes } from './refused-routes.ts';
import type { PlanResult } from './search.ts';

/** What the proxy is not known to serve: changes that gathered, and refused routes that are due for another try. */
export class Outstanding {
  readonly #journal = new Journal();
  readonly #table: RoutingTable;
  readonly #leftovers: Leftovers;
  readonly #refused: RefusedRoutes;

  constructor(table: RoutingTable, leftovers: Leftovers, refused: RefusedRoutes) {
    this.#table = table;
    this.#leftovers = leftovers;
    this.#refused = refused;
  }

  record(batch: Batch): void {
    this.#journal.record(batch);
    this.#leftovers.record(batch);
    this.#refused.record(batch);
  }

  /** The whole table, at start and when the proxy may have lost it. */
  requireFull(): void {
    this.#journal.requireFull(this.#table.generation);
  }

  isDue(): boolean {
    this.#journal.again(this.#refused.due(Date.now()));
    return !this.#journal.isEmpty;
  }

  /** When `isDue` may change by itself, ms; undefined: never. */
  idleMs(): number | undefined {
    return this.#refused.untilDue(Date.now());
  }

  /** `generation`: the one that is served already. */
  async take(generation: number): Promise<Plan> {
    const plan = await this.#journal.take(() => this.#leftovers.with(this.#table));
    return { ...plan, generation: Math.max(plan.generation, generation, 0) };
  }

  /** It is not known what of the plan is served, so all of it comes again. */
  putBack(plan: Plan): void {
    this.#journal.putBack(plan);
  }

  settle(plan: Plan, { refused, left }: PlanResult): void {
    if (left.length > 0) this.#journal.putBack({ ...plan, full: false, set: left, remove: [] });
    this.#refused.update(plan, refused, Date.now());
  }
}
