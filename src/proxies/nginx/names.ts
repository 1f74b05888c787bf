import { hostName, type Target } from './target.ts';

/** Which routes depend on which host name. */
export class Names {
  readonly #targets = new Map<string, Target>();
  readonly #keys = new Map<string, Set<string>>();

  /** Notes the target of a key; only those with a host name are kept. */
  set(key: string, target: Target | undefined): void {
    this.delete(key);
    const name = target && hostName(target);
    if (!target || name === undefined) return;
    this.#targets.set(key, target);
    const keys = this.#keys.get(name);
    if (keys) keys.add(key);
    else this.#keys.set(name, new Set([key]));
  }

  delete(key: string): void {
    const target = this.#targets.get(key);
    if (!target) return;
    this.#targets.delete(key);
    const keys = this.#keys.get(target.host);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(target.host);
  }

  clear(): void {
    this.#targets.clear();
    this.#keys.clear();
  }

  /** The targets of all keys that use one of these names. */
  *using(names: Iterable<string>): Generator<[string, Target]> {
    for (const name of names) {
      for (const key of this.#keys.get(name) ?? []) yield [key, this.#targets.get(key) as Target];
    }
  }

  has(name: string): boolean {
    return this.#keys.has(name);
  }
}
