import { closest, distance } from 'fastest-levenshtein';

/** `; did you mean --table?` when one of the known words is near, else nothing. */
export function didYouMean(word: string, known: readonly string[]): string {
  const lower = word.toLowerCase();
  const nearest = closest(
    lower,
    [...known].map((name) => name.toLowerCase()),
  );
  const name = known.find((candidate) => candidate.toLowerCase() === nearest);
  // prefixes (-- and SIGNALBOX_) don't count as right letters; two swapped letters cost 2
  const letters = lower.replace(/^(--|signalbox_)/, '').length;
  const allowed = letters <= 3 ? 1 : Math.max(2, Math.floor(letters / 3));
  return distance(lower, nearest) <= allowed ? `; did you mean ${name}?` : '';
}
