import type { ComponentChildren } from 'preact';
import type { ListState } from '../list.ts';
import { Filter } from './filter.tsx';
import { Presets } from './presets.tsx';

/** Above a list: what of it is shown. */
export function ListBar<Show extends string>({
  list,
  label,
  shows,
  children,
}: {
  list: ListState;
  label: string;
  shows: Readonly<Record<Show, string>>;
  children?: ComponentChildren;
}) {
  return (
    <search class="list-bar">
      <Filter value={list.q} label={label} change={(q) => list.set({ q })} />
      <Presets
        label="Which of them"
        choices={shows}
        chosen={list.show}
        hrefOf={(show) => list.hrefOf({ show: show === 'all' ? undefined : show })}
      />
      {children}
    </search>
  );
}
