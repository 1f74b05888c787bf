/** `; did you mean --driver?` when one of the known words is near, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const lower = word.toLowerCase();
  // prefixes (-- and SIGNALBOX_) don't count as right letters; two swapped letters cost 2
  const letters = lower.replace(/^(--|signalbox_)/, '').length;
  const allowed = letters <= 3 ? 1 : Math.max(2, Math.floor(letters / 3));
  const near = known
    .map((name) => ({ name, distance: distance(lower, name.toLowerCase()) }))
    .filter((one) => one.distance <= allowed)
    .sort((a, b) => a.distance - b.distance);
  return near[0] === undefined ? '' : `; did you mean ${near[0].name}?`;
}

/** Levenshtein's: how many letters have to be put in, taken out or replaced. */
function distance(from: string, to: string): number {
  let row = Array.from(`${to} `, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const [replaced = 0, removed = 0] = row.slice(column);
      next.push(Math.min(replaced + Number(letter !== other), removed + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
