/** One row of the report: what is measured, by the key under which its figures are kept. */
export interface Row {
  readonly key: string;
  readonly label: string;
  readonly unit: string;
  /** How many times more or less than the first contender is what the page shows; `none` for what is no result. */
  readonly ratio: 'shown' | 'none';
}

/** Rows that belong together, with what has to be known to read them. */
export interface Section {
  readonly title: string;
  readonly text: string;
  readonly rows: readonly Row[];
}

/** What one round of one contender gave, by key; null: it was given up, and the reason. */
export type Figures = Record<string, number | string>;
