import { origins } from './config.ts';
import type { Descriptor } from './descriptor.ts';

/** In a table with more targets than pins: the share of targets without a pin from which a reload is worth it. */
const WORTH = 0.1;

/**
 * Which targets have an upstream block, so that connections to them are kept alive. New ones take a reload, so pins are renewed
 * with reloads that happen anyway, and otherwise only when they are worth one.
 */
export class Pins {
  readonly #max: number;
  #pinned: readonly string[] = [];

  /** `max`: 0 pins nothing. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Origins with an upstream block in the configuration that is rendered next, sorted. */
  get pinned(): readonly string[] {
    return this.#pinned;
  }

  /** The origins that should be pinned: the most recently used. */
  wanted(entries: Iterable<[string, Descriptor]>, lastActivity: (key: string) => number): string[] {
    if (this.#max === 0) return [];
    const all = [...entries];
    const distinct = origins(all.map(([, descriptor]) => descriptor));
    if (distinct.length <= this.#max) return distinct.sort();
    // Each time is looked up once: sorting 100,000 would look them up millions of times.
    const recent = all
      .map(([key, descriptor]) => ({ descriptor, time: lastActivity(key) }))
      .sort((a, b) => b.time - a.time);
    return origins(recent.map(({ descriptor }) => descriptor))
      .slice(0, this.#max)
      .sort();
  }

  renew(wanted: readonly string[]): void {
    this.#pinned = wanted;
  }

  /** Is a reload for these pins alone worth it? */
  isWorthReload(wanted: readonly string[]): boolean {
    const pinned = new Set(this.#pinned);
    const missing = wanted.filter((one) => !pinned.has(one)).length;
    return missing > 0 && (wanted.length < this.#max || missing >= this.#max * WORTH);
  }
}
