import { SignalboxError } from '../errors.ts';
import { RoutingTable } from '../routes/table.ts';
import type { LogCursor, Store } from './store.ts';

/** A store that forgets: for tests, and for whoever wants CHP's habit of starting with an empty table. */
export function createMemoryStore(): Store {
  const table = new RoutingTable();
  const cursors = new Map<string, LogCursor>();
  let open = true;

  function check(): void {
    if (!open) throw new SignalboxError('STORE_FAILED', 'the store is closed');
  }

  return {
    async load() {
      check();
      // Copies: the caller moves `lastActivity` of its own entries.
      return { generation: table.generation, entries: Array.from(table.entries(), (entry) => ({ ...entry })) };
    },
    async commit(batch) {
      check();
      table.apply({ ...batch, set: batch.set.map((entry) => ({ ...entry })) });
    },
    async touch(times, read) {
      check();
      for (const [key, ms] of times) table.touch(key, Math.trunc(ms));
      for (const [path, cursor] of read ?? []) cursors.set(path, cursor);
    },
    async cursors() {
      check();
      return new Map(cursors);
    },
    async close() {
      open = false;
    },
  };
}
