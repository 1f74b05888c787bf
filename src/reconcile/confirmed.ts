import type { Plan } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import { Breather, inSlices } from '../system/breather.ts';

/** What the proxy was last shown to serve, and whether that still holds. */
export class Confirmed {
  /** Generation of the newest table that it served, without routes that it refuses; -1 before the first. */
  generation = -1;
  #routes = new Map<string, Route>();
  #isTrusted = false;
  #doubt: string | undefined;

  get routes(): ReadonlyMap<string, Route> {
    return this.#routes;
  }

  /** Is that still so? After a drift or a failure not until a pass that began later has succeeded. */
  get isTrusted(): boolean {
    return this.#isTrusted;
  }

  /** Why not, when it is no failure of a pass. */
  get doubt(): string | undefined {
    return this.#doubt;
  }

  async note(plan: Plan): Promise<void> {
    const breather = new Breather();
    if (plan.full) this.#routes = new Map();
    await inSlices(plan.remove, (key) => this.#routes.delete(key), breather);
    await inSlices(plan.set, (route) => this.#routes.set(route.key, route), breather);
  }

  trust(): void {
    this.#isTrusted = true;
    this.#doubt = undefined;
  }

  /** Until the next pass shows what is served. */
  distrust(reason = this.#doubt): void {
    this.#isTrusted = false;
    this.#doubt = reason;
  }

  isServed(generation: number): boolean {
    return this.#isTrusted && this.generation >= generation;
  }
}
