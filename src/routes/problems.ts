/** What is wrong with an entry of a table. */
export interface EntryProblem {
  /** As it was given. */
  readonly key: string;
  readonly message: string;
}

/** The most that are listed: a table of 100,000 bad targets must not become an answer of megabytes. */
const MOST_LINES = 1_000;

/** A line for each entry, so that all mistakes of a table can be mended at once. */
export function listProblems(problems: readonly EntryProblem[]): string {
  const lines = problems.slice(0, MOST_LINES).map(({ key, message }) => `- ${JSON.stringify(key)}: ${message}`);
  const left = problems.length - lines.length;
  if (left > 0) lines.push(`- and ${left} more`);
  const count = problems.length === 1 ? '1 entry' : `${problems.length} entries`;
  return `${count} can not be taken:\n${lines.join('\n')}`;
}
