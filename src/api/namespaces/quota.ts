import { SignalboxError } from '../../errors.ts';
import type { RoutingTable } from '../../routes/table.ts';
import type { Change } from '../../routes/wish.ts';

export interface QuotaOptions {
  readonly namespace: string;
  readonly maxRoutes: number;
  /** How many there are now. */
  readonly routes: () => number;
  readonly table: Pick<RoutingTable, 'get'>;
}

/** How many routes a namespace may have. What is there can always be changed and removed, also when it is more than that. */
export class Quota {
  readonly #options: QuotaOptions;
  /** Keys that admitted changes add, and how many of those changes do. */
  readonly #coming = new Map<string, number>();

  constructor(options: QuotaOptions) {
    this.#options = options;
  }

  /** Throws OVER_QUOTA, or counts what the change adds until the function that comes back is called. */
  admit({ clear, set, remove }: Change): () => void {
    const { maxRoutes, routes, table } = this.#options;
    const isNew = (key: string) => table.get(key) === undefined;
    const added = set.map(({ route }) => route.key).filter(isNew);
    if (added.length === 0) return () => {};
    const after = clear
      ? set.length
      : routes() -
        remove.filter((key) => !isNew(key)).length +
        new Set(added).union(new Set(this.#coming.keys().filter(isNew))).size;
    if (after > maxRoutes) throw this.#refusal(after);
    for (const key of added) this.#coming.set(key, (this.#coming.get(key) ?? 0) + 1);
    return () => {
      for (const key of added) this.#forget(key);
    };
  }

  #forget(key: string): void {
    const left = (this.#coming.get(key) ?? 1) - 1;
    if (left === 0) this.#coming.delete(key);
    else this.#coming.set(key, left);
  }

  #refusal(after: number): SignalboxError {
    const { namespace, maxRoutes } = this.#options;
    return new SignalboxError(
      'OVER_QUOTA',
      `Forbidden: the namespace ${namespace} may have ${maxRoutes} routes, and this would make it ${after}`,
      { hint: 'Nothing was changed. Routes that are there can be changed and removed; max-routes sets the quota.' },
    );
  }
}
