import { quantile } from './quantile.ts';
import type { Results } from './results.ts';

/**
 * By how many percent the rounds of one contender differ, in the figure that other programs disturb least (CPU a request): commonly
 * and at most.
 */
export function spread(contenders: Results['contenders']): { middle: number; most: number } {
  const all = contenders.flatMap(({ rounds }) =>
    Object.keys(rounds[0] ?? {})
      .filter((key) => key.startsWith('cpu.'))
      .map((key) => rounds.map((figures) => figures[key]).filter((value) => typeof value === 'number'))
      .map((values) => (Math.max(...values) / Math.min(...values) - 1) * 100),
  );
  return { middle: Math.round(quantile(all, 0.5)), most: Math.round(Math.max(0, ...all)) };
}
