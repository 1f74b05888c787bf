import { SignalboxError } from '../../src/errors.ts';
import { RoutingTable } from '../../src/routes/table.ts';
import type { LogCursor, Store } from '../../src/store/store.ts';

/** A store that forgets. */
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
      for (const [key, ms] of times) {
        const entry = table.get(key);
        if (entry && (ms > entry.lastActivity || entry.lastActivity > Date.now())) entry.lastActivity = Math.trunc(ms);
      }
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
