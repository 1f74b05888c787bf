import { SignalboxError } from '../../src/errors.ts';
import { RoutingTable } from '../../src/routes/table.ts';
import type { Cursors, Disk, Loaded, LogCursor } from '../../src/store/store.ts';

/** A disk that forgets. */
export function createMemoryDisk(loaded: Loaded = { generation: 0, entries: [] }): Disk {
  const table = new RoutingTable(loaded.generation, loaded.entries);
  let open = true;

  function check(): void {
    if (!open) throw new SignalboxError('STORE_FAILED', 'the store is closed');
  }

  return {
    async load() {
      check();
      // Copies: the caller moves `lastActivity` of its own entries.
      const entries = Array.from(table.entries(), ({ route, lastActivity }) => ({ route, lastActivity }));
      return { generation: table.generation, entries };
    },
    async write(batch) {
      check();
      table.apply(structuredClone({ ...batch, originOf: undefined }));
    },
    async touch(times) {
      check();
      for (const [key, ms] of times) {
        const entry = table.get(key);
        if (entry && (ms > entry.lastActivity || entry.lastActivity > Date.now())) entry.lastActivity = Math.trunc(ms);
      }
    },
    async close() {
      open = false;
    },
  };
}

export function createMemoryCursors(): Cursors {
  const kept = new Map<string, LogCursor>();
  return {
    read: async () => new Map(kept),
    async save(cursors) {
      for (const [path, cursor] of cursors) kept.set(path, cursor);
    },
  };
}
