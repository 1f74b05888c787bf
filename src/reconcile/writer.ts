import { SignalboxError } from '../errors.ts';
import type { Driver } from '../proxies/driver.ts';
import { refusalOf } from '../proxies/refusals.ts';
import type { Batch } from '../routes/plan.ts';
import type { Route } from '../routes/route.ts';
import { type Change, fold } from '../routes/wish.ts';
import type { Fleet } from '../store/fleet.ts';
import type { Store } from '../store/store.ts';
import { Breather } from '../system/breather.ts';
import type { Changes, Outcome } from './change.ts';
import type { Reconciler } from './reconciler.ts';

export interface WriterOptions {
  store: Pick<Store, 'commit' | 'refuses'>;
  driver: Pick<Driver, 'refuses'>;
  reconciler: Pick<Reconciler, 'waitFor'>;
  /** Other replicas that have to serve a change before it is answered. */
  fleet?: Pick<Fleet, 'everywhere'> | undefined;
  /** How long a change may take from the store to the proxy before its sender is told 503. */
  applyTimeoutMs: number;
  now?: () => number;
}

interface Waiting {
  change: Change;
  resolve: (outcome: Promise<Outcome>) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: every change that arrived while the last commit ran goes into one transaction, as far as they concern different keys.
 * Each change is checked first, so that a bad request fails alone.
 */
export class Writer implements Changes {
  readonly #options: WriterOptions;
  readonly #now: () => number;
  #queue: Waiting[] = [];
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  submit(change: Change): Promise<Outcome> {
    if (this.#closed) return Promise.reject(new SignalboxError('SHUTTING_DOWN', 'shutting down'));
    return new Promise((resolve, reject) => {
      this.#queue.push({ change, resolve, reject });
      this.#flushing ??= this.#flush();
    });
  }

  /** Refuses new changes and waits for those that are being stored. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    while (this.#queue.length > 0) {
      // One turn of the event loop, so that requests whose bytes are there already are in the same transaction.
      await new Promise((resolve) => setImmediate(resolve));
      const waiting = this.#queue;
      this.#queue = [];
      let accepted = await this.#accepted(waiting);
      while (accepted.length > 0) accepted = await this.#commit(accepted);
    }
    this.#flushing = undefined;
  }

  /** Returns the changes that the proxy can serve, and rejects the others. */
  async #accepted(group: readonly Waiting[]): Promise<Waiting[]> {
    const { driver, store } = this.#options;
    const accepted: Waiting[] = [];
    for (const waiting of group) {
      const routes = waiting.change.set.map(({ route }) => route);
      const refused = await refusalOf(routes, (route) => driver.refuses(route) ?? store.refuses(route));
      if (refused) waiting.reject(refused);
      else accepted.push(waiting);
    }
    return accepted;
  }

  /** Has the first of them stored, as many as go together, and returns the others. */
  async #commit(waiting: Waiting[]): Promise<Waiting[]> {
    const { store, reconciler, fleet, applyTimeoutMs } = this.#options;
    const changes = waiting.map(({ change }) => change);
    const { wish, count } = await fold(changes, this.#now(), new Breather());
    const [group, rest] = [waiting.slice(0, count), waiting.slice(count)];
    try {
      const batch = await store.commit(wish);
      const outcomes = outcomesOf(group, batch);
      group.forEach(({ change, resolve }, index) => {
        const routes = change.set.map(({ route }) => route);
        const outcome = outcomes[index] as Outcome;
        const here = reconciler.waitFor(batch.generation, applyTimeoutMs, routes);
        resolve(Promise.all([here, fleet?.everywhere(batch.generation, applyTimeoutMs)]).then(() => outcome));
      });
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
    return rest;
  }
}

/** What each change did. No two of them concern the same key. */
function outcomesOf(group: readonly Waiting[], { generation, added, changed, removed }: Batch): Outcome[] {
  if (group.length === 1) {
    return [{ generation, added: added.length, changed: changed.length, removed: removed.length }];
  }
  const keysOf = (set: readonly { route: Route }[]) => set.map(({ route }) => route.key);
  const [isAdded, isChanged, isRemoved] = [new Set(keysOf(added)), new Set(keysOf(changed)), new Set(removed)];
  return group.map(({ change }) => {
    const set = new Set(keysOf(change.set));
    return {
      generation,
      added: set.intersection(isAdded).size,
      changed: set.intersection(isChanged).size,
      removed: new Set(change.remove).intersection(isRemoved).size,
    };
  });
}
