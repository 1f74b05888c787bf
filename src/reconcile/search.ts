import { SignalboxError } from '../errors.ts';
import type { Plan } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import type { Confirmed } from './confirmed.ts';

/** What became of a plan. */
export interface PlanResult {
  /** The proxy refuses these, and for which reason; it serves the table without them. */
  readonly refused: ReadonlyMap<Route, unknown>;
  /** These are still served as before, and have to be tried again. */
  readonly left: readonly Route[];
  /** Why any are left. */
  readonly reason: unknown;
}

/** Errors for which a route may be to blame. A proxy that is down or slow gives others. */
const ABOUT_ROUTES = ['PROXY_REFUSED_CONFIG', 'TEMPLATE_FAILED', 'ROUTES_REFUSED', 'ROUTES_NOT_NOW'];

/** How often the routes that an error names are left out. A proxy that names one at a time would need one try for each. */
const MOST_ROUNDS = 4;

/** The most routes that one search finds by halving; then newer changes have their turn. */
const MOST_FOUND = 20;

export function isAboutRoutes(error: unknown): error is SignalboxError {
  return error instanceof SignalboxError && ABOUT_ROUTES.includes(error.code);
}

/**
 * Finds out which routes of a refused plan the proxy refuses, and has it serve the others. First without those that the
 * error names. If that does not help, by halving: a half that the proxy takes stays, one that it refuses is halved again, so that
 * one route among n costs about 2·log2(n) tries. Until a route is decided on, it is served as before.
 */
export class Search {
  readonly #plan: Plan;
  readonly #confirmed: Confirmed;
  readonly #apply: (plan: Plan) => Promise<void>;
  /** Routes that are new or changed: those that the proxy has served already are not to blame. */
  readonly #suspects: readonly Route[];
  readonly #served = new Set<Route>();
  readonly #refused = new Map<Route, unknown>();
  readonly #postponed = new Set<Route>();
  /** Has the proxy taken a part of the plan? Then a refusal is about what was added since. */
  #takesAny = false;
  /** Does the proxy serve what was decided so far, and nothing else? */
  #isSettled = false;

  constructor(plan: Plan, confirmed: Confirmed, apply: (plan: Plan) => Promise<void>) {
    this.#plan = plan;
    this.#confirmed = confirmed;
    this.#apply = apply;
    this.#suspects = plan.set.filter((route) => confirmed.routes.get(route.key) !== route);
  }

  async run(error: SignalboxError): Promise<PlanResult> {
    if (this.#suspects.length === 0) throw error;
    const still = await this.#leaveOutNamed(error);
    if (still?.code === 'ROUTES_NOT_NOW') throw still;
    if (still) await this.#findByHalves(still);
    const left = this.#suspects.filter((route) => !this.#served.has(route) && !this.#refused.has(route));
    if (!this.#isSettled || (left.length > 0 && still)) await this.#settle(left);
    return { refused: this.#refused, left, reason: left.length > 0 ? (still ?? error) : undefined };
  }

  /** Returns the error that remains, or undefined when the proxy takes the other routes. */
  async #leaveOutNamed(first: SignalboxError): Promise<SignalboxError | undefined> {
    let error = first;
    for (let round = 0; round < MOST_ROUNDS; round++) {
      if (error.code === 'ROUTES_NOT_NOW' && !this.#canPostpone()) break;
      const named = new Set(error.keys);
      const open = this.#suspects.filter((route) => !this.#refused.has(route) && !this.#postponed.has(route));
      const guilty = open.filter(({ key }) => named.has(key));
      if (guilty.length === 0) break;
      for (const route of guilty) this.#blame(route, error);
      const still = await this.#try(open.filter(({ key }) => !named.has(key)));
      if (!still) return undefined;
      error = still;
    }
    this.#refused.clear();
    this.#postponed.clear();
    return error;
  }

  /** Only routes that were served before can stay as they were. If those are refused too, no culprit was found. */
  #canPostpone(): boolean {
    return this.#confirmed.generation >= 0 && this.#postponed.size === 0;
  }

  async #findByHalves(error: SignalboxError): Promise<void> {
    // At a start this would be an empty table, for a proxy that may serve users of an earlier daemon.
    if (this.#confirmed.routes.size > 0) await this.#proveThat(error);
    await this.#divide(this.#suspects, error);
  }

  /** The proxy refuses some of these, together with what is served so far. */
  async #divide(routes: readonly Route[], error: SignalboxError): Promise<void> {
    if (this.#refused.size + this.#postponed.size >= MOST_FOUND) return;
    const [route] = routes;
    if (route && routes.length === 1) {
      if (!this.#takesAny) await this.#proveThat(error);
      this.#blame(route, error);
      return;
    }
    const half = routes.length >> 1;
    const [first, second] = [routes.slice(0, half), routes.slice(half)];
    const ofFirst = await this.#try(first);
    // Both halves together were refused: if the first is served, the second is to blame and needs no try of its own.
    const ofSecond = ofFirst ? await this.#try(second) : error;
    if (ofFirst) await this.#divide(first, ofFirst);
    if (ofSecond) await this.#divide(second, ofSecond);
  }

  #blame(route: Route, error: SignalboxError): void {
    if (error.code === 'ROUTES_NOT_NOW') this.#postponed.add(route);
    else {
      this.#refused.set(route, error);
      // An older route of that key is no longer in the table.
      if (this.#confirmed.routes.has(route.key)) this.#isSettled = false;
    }
  }

  /** When the proxy refuses the table without them too, they are not to blame: throws `error`. */
  async #proveThat(error: SignalboxError): Promise<void> {
    if (await this.#try([])) throw error;
  }

  /** Returns why the proxy refuses these in addition to what is served so far; undefined when it serves them now. */
  async #try(more: readonly Route[]): Promise<SignalboxError | undefined> {
    const set = new Set([...this.#served, ...more]);
    try {
      await this.#apply(this.#planWith(set, this.#generation()));
    } catch (error) {
      this.#isSettled = false;
      if (!isAboutRoutes(error)) throw error;
      return error;
    }
    for (const route of more) this.#served.add(route);
    this.#takesAny = true;
    this.#isSettled = true;
    return undefined;
  }

  /** Brings back what is served so far: the proxy may still be at something that it refused. */
  async #settle(left: readonly Route[]): Promise<void> {
    await this.#apply(this.#planWith(this.#served, this.#generation(left.length > 0)));
  }

  /** The generation counts as served only when no route has to be tried again. */
  #generation(isPart = this.#postponed.size > 0): number {
    return isPart ? Math.max(this.#confirmed.generation, 0) : this.#plan.generation;
  }

  /** `served` as the plan wants them, refused ones not at all, the others as before. */
  #planWith(served: ReadonlySet<Route>, generation: number): Plan {
    const { full } = this.#plan;
    const set: Route[] = [];
    const remove = [...this.#plan.remove];
    for (const route of this.#plan.set) {
      const one = served.has(route)
        ? route
        : this.#refused.has(route)
          ? undefined
          : this.#confirmed.routes.get(route.key);
      if (one) set.push(one);
      else if (!full) remove.push(route.key);
    }
    return { generation, full, set, remove };
  }
}
