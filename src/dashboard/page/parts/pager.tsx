import { formatCount } from '../format.ts';

export const PAGE_ROWS = 100;

/** Which part of a list is shown. */
export function Pager({
  offset,
  rows,
  matching,
  go,
}: {
  offset: number;
  rows: number;
  matching: number;
  go: (page: number) => void;
}) {
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
