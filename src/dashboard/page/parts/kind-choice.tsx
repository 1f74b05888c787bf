import type { ListState } from '../list.ts';

/** Shows one kind alone. */
export function KindChoice({ list, names }: { list: ListState; names: Readonly<Record<string, string>> }) {
  return (
    <label class="choice">
      Kind{' '}
      <select value={list.kind} onChange={(event) => list.set({ kind: event.currentTarget.value || undefined })}>
        <option value="">all</option>
        {Object.entries(names).map(([kind, name]) => (
          <option key={kind} value={kind}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
