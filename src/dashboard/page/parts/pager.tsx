import { formatCount } from '../format.ts';
import { type ListState, PAGE_ROWS } from '../list.ts';

/** Which part of a list is shown. */
export function Pager({
  list,
  offset,
  rows,
  matching,
}: {
  list: ListState;
  offset: number;
  rows: number;
  matching: number;
}) {
  const go = (page: number) => list.set({ page: page > 1 ? String(page) : undefined });
  const page = Math.floor(offset / PAGE_ROWS) + 1;
  const pages = Math.max(1, Math.ceil(matching / PAGE_ROWS));
  const range = rows === 0 ? '0' : `${formatCount(offset + 1)}–${formatCount(offset + rows)}`;
  return (
    <nav class="pager" aria-label="Pages">
      <span>
        {range} of {formatCount(matching)}
      </span>
      <button
        type="button"
        class="button small"
        disabled={page <= 1}
        onClick={() => go(page - 1)}
        aria-label="Previous page"
      >
        ‹
      </button>
      <button
        type="button"
        class="button small"
        disabled={page >= pages}
        onClick={() => go(page + 1)}
        aria-label="Next page"
      >
        ›
      </button>
    </nav>
  );
}
