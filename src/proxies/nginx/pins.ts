import { origins } from './config.ts';
import type { Descriptor } from './descriptor.ts';

/** How much a key was used. */
export interface Use {
  /** Requests in the last few minutes. */
  readonly requests: (key: string) => number;
  /** ms since 1970. */
  readonly lastActivity: (key: string) => number;
}

/** Which targets have an upstream block in the configuration, so that connections to them are kept. New ones take a reload. */
export class Pins {
  readonly max: number;
  #pinned: readonly string[] = [];
  #known: ReadonlySet<string> = new Set();

  /** `max`: 0 pins nothing. */
  constructor(max: number) {
    this.max = max;
  }

  /** Origins with an upstream block in the configuration that was rendered last, sorted. */
  get pinned(): readonly string[] {
    return this.#pinned;
  }

  has(origin: string): boolean {
    return this.#known.has(origin);
  }

  /** The origins that should be pinned: those with the most requests, then the most recently used. */
  wanted(entries: Iterable<[string, Descriptor]>, { requests, lastActivity }: Use): string[] {
    if (this.max === 0) return [];
    const all = [...entries];
    const distinct = origins(all.map(([, descriptor]) => descriptor));
    if (distinct.length <= this.max) return distinct.sort();
    // Each is looked up once: sorting 100,000 would do so millions of times.
    const used = all
      .map(([key, descriptor]) => ({ descriptor, count: requests(key), time: lastActivity(key) }))
      .sort((a, b) => b.count - a.count || b.time - a.time);
    return origins(used.map(({ descriptor }) => descriptor))
      .slice(0, this.max)
      .sort();
  }

  renew(wanted: readonly string[]): void {
    this.#pinned = wanted;
    this.#known = new Set(wanted);
  }
}
