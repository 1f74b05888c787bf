/** A column of a list that is downloaded. */
export interface CsvColumn<Row> {
  readonly name: string;
  readonly value: (row: Row) => string | number | null;
}

/** RFC 4180. A null is an empty field. */
export function toCsv<Row>(columns: readonly CsvColumn<Row>[], rows: readonly Row[]): string {
  const lines = rows.map((row) => columns.map(({ value }) => field(value(row))));
  return [columns.map(({ name }) => field(name)), ...lines].map((line) => `${line.join(',')}\r\n`).join('');
}

function field(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  return `"${harmless(value).replaceAll('"', '""')}"`;
}

/** Spreadsheets run what begins so as a formula, quoted or not; an apostrophe makes it text. */
const harmless = (text: string) => (/^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text);

/** One JSON document a line. */
export const toJsonLines = (rows: readonly unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
