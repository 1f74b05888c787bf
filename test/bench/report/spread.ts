import type { Results } from './results.ts';

/** By how many percent the rounds of one contender differ at most, in the figure that other programs disturb least. */
export function spread(contenders: Results['contenders']): number {
  const all = contenders.flatMap(({ rounds }) =>
    Object.keys(rounds[0] ?? {})
      .filter((key) => key.startsWith('cpu.'))
      .map((key) => rounds.map((figures) => figures[key]).filter((value) => typeof value === 'number'))
      .map((values) => (Math.max(...values) / Math.min(...values) - 1) * 100),
  );
  return Math.round(Math.max(0, ...all));
}
