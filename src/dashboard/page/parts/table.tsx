import type { ComponentChildren } from 'preact';

export interface Column<Row> {
  readonly title: string;
  /** What the server sorts by; without it nobody can. */
  readonly sort?: string;
  /** Numbers stand under each other. */
  readonly isNumber?: boolean;
  /** Stands for the whole row. */
  readonly isHead?: boolean;
  /** For what readers are told, and what a hover shows. */
  readonly hint?: string;
  readonly cell: (row: Row) => ComponentChildren;
}

export interface Sorting {
  readonly by: string;
  readonly isDescending: boolean;
  readonly choose: (by: string, isDescending: boolean) => void;
}

export interface TableProps<Row> {
  readonly caption: string;
  /** Where a heading above says the same. */
  readonly isCaptionHidden?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string | number;
  readonly sorting?: Sorting;
  /** What is shown is about to be replaced. */
  readonly isOld?: boolean;
  readonly class?: string;
}

/** A table; on a narrow screen each row is a card, with the titles from `data-label`. */
export function Table<Row>(props: TableProps<Row>) {
  const { caption, isCaptionHidden = true, columns, rows, keyOf, sorting, isOld = false, class: kind = '' } = props;
  return (
    <table class={`table ${kind}`} aria-busy={isOld}>
      <caption class={isCaptionHidden ? 'visually-hidden' : ''}>{caption}</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <Heading key={column.title} column={column} sorting={sorting} />
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={keyOf(row)}>
            {columns.map((column) => (
              <Cell key={column.title} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Heading<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { title, sort, isNumber, hint } = column;
  const kind = isNumber ? 'number' : '';
  if (!sort || !sorting) {
    return (
      <th scope="col" class={kind} title={hint}>
        {title}
      </th>
    );
  }
  const isSorted = sorting.by === sort;
  const direction = sorting.isDescending ? 'descending' : 'ascending';
  // Of numbers the largest are looked for first.
  const next = isSorted ? !sorting.isDescending : isNumber === true;
  return (
    <th scope="col" class={kind} aria-sort={isSorted ? direction : 'none'} title={hint}>
      <button type="button" class="sort" onClick={() => sorting.choose(sort, next)}>
        {title}
        <span class="arrow" aria-hidden="true">
          {isSorted ? (sorting.isDescending ? '▼' : '▲') : '↕'}
        </span>
      </button>
    </th>
  );
}

function Cell<Row>({ column, row }: { column: Column<Row>; row: Row }) {
  const { title, isNumber, isHead, cell } = column;
  const kind = isNumber ? 'number' : '';
  if (isHead) {
    return (
      <th scope="row" class={kind} data-label={title}>
        {cell(row)}
      </th>
    );
  }
  return (
    <td class={kind} data-label={title}>
      {cell(row)}
    </td>
  );
}
