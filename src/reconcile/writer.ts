import { SignalboxError } from '../errors.ts';
import type { Driver } from '../proxies/driver.ts';
import { refusalOf } from '../proxies/refusals.ts';
import type { Batch } from '../routes/plan.ts';
import type { Entry } from '../routes/route.ts';
import type { RoutingTable } from '../routes/table.ts';
import type { Store } from '../store/store.ts';
import { Breather, inSlices } from '../system/breather.ts';
import type { Log } from '../system/log.ts';
import type { Change, Changes, Outcome } from './change.ts';
import { logChanges } from './change-log.ts';
import type { Reconciler } from './reconciler.ts';

export interface WriterOptions {
  store: Store;
  table: RoutingTable;
  driver: Driver;
  reconciler: Reconciler;
  /** How long a change may take from the store to the proxy before its sender is told 503. */
  applyTimeoutMs: number;
  log: Pick<Log, 'info'>;
  now?: () => number;
}

interface Waiting {
  change: Change;
  resolve: (outcome: Promise<Outcome>) => void;
  reject: (error: unknown) => void;
}

/**
 * Group commit: every change that arrived while the last commit ran goes into one transaction, then into the table, then
 * to the reconciler. Each change is checked first, so that a bad request fails alone. With a large table the work is done in slices,
 * between which the API has its turn; nothing else changes the table.
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
      const group = this.#queue;
      this.#queue = [];
      await this.#commit(await this.#accepted(group));
    }
    this.#flushing = undefined;
  }

  /** Returns the changes that the proxy can serve, and rejects the others. */
  async #accepted(group: readonly Waiting[]): Promise<Waiting[]> {
    const { driver } = this.#options;
    const accepted: Waiting[] = [];
    for (const waiting of group) {
      const routes = waiting.change.set.map(({ route }) => route);
      const refused = await refusalOf(routes, (route) => driver.refuses(route));
      if (refused) waiting.reject(refused);
      else accepted.push(waiting);
    }
    return accepted;
  }

  async #commit(group: Waiting[]): Promise<void> {
    const { store, table, reconciler, applyTimeoutMs, log } = this.#options;
    const { batch, changes, outcomes, renewed } = await gather(group, table, this.#now());
    try {
      if (batch.replace || batch.set.length > 0 || batch.remove.length > 0) await store.commit(batch);
    } catch (error) {
      for (const waiting of group) waiting.reject(error);
      return;
    }
    const breather = new Breather();
    await logChanges(batch, changes.set, table, log, breather);
    const apply = await table.prepare(batch, breather);
    // The table was in use while the change was checked and stored.
    for (const [entry, before] of renewed) entry.lastActivity = Math.max(entry.lastActivity, before.lastActivity);
    apply();
    if (batch.generation > changes.before) reconciler.record(changes.batch);
    group.forEach((waiting, index) => {
      const outcome = { ...(outcomes[index] as Outcome), generation: batch.generation };
      const routes = waiting.change.set.map(({ route }) => route);
      waiting.resolve(reconciler.waitFor(batch.generation, applyTimeoutMs, routes).then(() => outcome));
    });
  }
}

/**
 * Plays the changes over the table, one after the other. `batch` is for the store (of a route that is posted again unchanged only
 * the time is stored); `changes.batch` is for the proxy, `changes.set` are its routes that are new or changed; `renewed` are entries, each
 * with the one that it replaces.
 */
async function gather(group: readonly Waiting[], table: RoutingTable, now: number) {
  const breather = new Breather();
  let replace = false;
  let overlay = new Map<string, Entry | undefined>();
  const current = (key: string) => (overlay.has(key) ? overlay.get(key) : replace ? undefined : table.get(key));
  const outcomes: Omit<Outcome, 'generation'>[] = [];
  const renewed: [Entry, Entry][] = [];

  for (const { change } of group) {
    const outcome = { added: 0, changed: 0, removed: 0 };
    const kept = new Map<string, Entry | undefined>();
    for (const key of change.remove) {
      if (current(key)) outcome.removed++;
      overlay.set(key, undefined);
    }
    const set = ({ route, lastActivity = now }: Change['set'][number]) => {
      const before = current(route.key);
      const same = before?.route.target === route.target && before.route.data === route.data;
      if (!before) outcome.added++;
      else if (!same) outcome.changed++;
      const entry = {
        route: before && same ? before.route : route,
        lastActivity: Math.max(Math.min(lastActivity, now), before?.lastActivity ?? 0),
      };
      if (before) renewed.push([entry, before]);
      kept.set(route.key, entry);
      overlay.set(route.key, entry);
    };
    await inSlices(change.set, set, breather);
    if (change.replace) {
      const look = (key: string) => {
        if (!kept.has(key) && current(key)) outcome.removed++;
      };
      const added = (key: string) => {
        if (replace || !table.get(key)) look(key);
      };
      if (!replace) await inSlices(table.keys(), look, breather);
      await inSlices(overlay.keys(), added, breather);
      replace = true;
      overlay = kept;
    }
    outcomes.push(outcome);
  }

  const set: Entry[] = [];
  const changed: Entry[] = [];
  const remove: string[] = [];
  const take = ([key, entry]: [string, Entry | undefined]) => {
    const before = table.get(key);
    if (entry) {
      set.push(entry);
      if (before?.route !== entry.route) changed.push(entry);
    } else if (!replace && before) remove.push(key);
  };
  await inSlices(overlay, take, breather);
  const isChange = changed.length > 0 || remove.length > 0 || (replace && set.length !== table.size);
  const before = table.generation;
  const generation = isChange ? before + 1 : before;
  const batch: Batch = { generation, replace, set, remove };
  return {
    batch,
    outcomes,
    renewed,
    changes: { before, set: changed, batch: replace ? batch : { ...batch, set: changed } },
  };
}
