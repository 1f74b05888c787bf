import type { Place } from '../addresses.ts';
import { placeOf, type Target } from './target.ts';

/** Which routes depend on which port of which host name. */
export class HostNames {
  readonly #targets = new Map<string, Target>();
  /** By `name:port`. */
  readonly #keys = new Map<string, Set<string>>();

  /** Notes the target of a key; only those with a host name are kept. */
  set(key: string, target: Target | undefined): void {
    this.delete(key);
    const place = target && placeOf(target);
    if (!target || place === undefined) return;
    this.#targets.set(key, target);
    const keys = this.#keys.get(id(place));
    if (keys) keys.add(key);
    else this.#keys.set(id(place), new Set([key]));
  }

  delete(key: string): void {
    const target = this.#targets.get(key);
    if (!target) return;
    this.#targets.delete(key);
    const place = id({ name: target.host, port: target.port });
    const keys = this.#keys.get(place);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(place);
  }

  clear(): void {
    this.#targets.clear();
    this.#keys.clear();
  }

  /** The targets of all keys that lead to one of these places. */
  *using(places: Iterable<Place>): Generator<[string, Target]> {
    for (const place of places) {
      for (const key of this.#keys.get(id(place)) ?? []) yield [key, this.#targets.get(key) as Target];
    }
  }

  has(place: Place): boolean {
    return this.#keys.has(id(place));
  }
}

function id({ name, port }: Place): string {
  return `${name}:${port}`;
}
