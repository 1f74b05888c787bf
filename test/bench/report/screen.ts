import { cells } from './cells.ts';
import { sections } from './page.ts';
import type { Results } from './results.ts';

/** The tables for a terminal. */
export function screen({ contenders }: Results): string {
  const tables = sections.map((section) => {
    const lines = [
      [section.title, ...contenders.map(({ title }) => title)],
      ...section.rows.map((row) => cells(row, contenders)),
    ];
    const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
    const padded = (line: string[]) =>
      line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
    return lines.map(padded).join('\n');
  });
  return tables.join('\n\n');
}
