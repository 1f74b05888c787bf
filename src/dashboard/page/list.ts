import { hashOf, type View } from './location.ts';
import type { Sorting } from './parts/table.tsx';
import { changeParams } from './place.ts';

export const PAGE_ROWS = 100;

type Params = Readonly<Record<string, string>>;

/** A list that the server filters, sorts and cuts, as its URL says. */
export interface ListState {
  readonly q: string;
  readonly show: string;
  readonly kind: string;
  readonly sorting: Sorting;
  readonly page: number;
  readonly set: (changes: Readonly<Record<string, string | undefined>>) => void;
  readonly hrefOf: (changes: Readonly<Record<string, string | undefined>>) => string;
  /** What to ask for. */
  readonly query: (limit: number, offset: number) => string;
}

export interface ListOptions {
  readonly view: View;
  readonly params: Params;
  readonly sort: string;
  readonly isDescending: boolean;
}

export function listState({ view, params, sort, isDescending }: ListOptions): ListState {
  const { q = '', show = 'all', kind = '' } = params;
  const by = params.sort ?? sort;
  const desc = params.sort ? params.desc === 'true' : isDescending;
  const page = Math.max(1, Math.trunc(Number(params.page)) || 1);
  // Another list begins at its first page.
  const changed = (changes: Readonly<Record<string, string | undefined>>) => ({
    ...params,
    page: undefined,
    ...changes,
  });
  const set = (changes: Readonly<Record<string, string | undefined>>) => changeParams(view, changed(changes));
  return {
    q,
    show,
    kind,
    page,
    set,
    sorting: {
      by,
      isDescending: desc,
      choose: (next, descending) => set({ sort: next, desc: descending ? 'true' : 'false' }),
    },
    hrefOf: (changes) => hashOf(view, changed(changes)),
    query: (limit, offset) => {
      const query = new URLSearchParams({ show, sort: by, limit: String(limit), offset: String(offset) });
      if (q) query.set('q', q);
      if (kind) query.set('kind', kind);
      if (desc) query.set('desc', 'true');
      return query.toString();
    },
  };
}

export const offsetOf = ({ page }: ListState): number => (page - 1) * PAGE_ROWS;
