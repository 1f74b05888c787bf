import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { firstSegments } from '../../routes/key.ts';
import { Links } from './links.ts';
import { discard } from './remove-tree.ts';

/** Where more keys have changed, rows are worth nothing any more. */
const MOST_MARKS = 1_000;
/** So many at once take longer than marks are worth. */
const MOST_AT_ONCE = 100;

const FOLDER = 'settled-';

/** What marks of one configuration are there. */
interface Marked {
  readonly depth: number;
  readonly prefixes: Set<string>;
}

/**
 * Which routes have changed since a configuration was rendered, and so must not be looked up in its rows. nginx asks at each request
 * whether the folder of its configuration is there, and whether it holds a mark for the first segments of the path:
 *
 *     run/settled-1f0c.../             rows may be used
 *     run/settled-1f0c.../user/ada     but not for paths below /user/ada
 *
 * A mark is made before the route changes, so nobody can see both; a mark too many is only slower. Everything that goes wrong here, and
 * every configuration that is not the newest, ends in rows that are not used: then the live table answers, which is always right.
 */
export class Marks {
  readonly #dir: string;
  readonly #links: Links;
  /** By digest: the configurations whose rows may be used. */
  readonly #valid = new Map<string, Marked>();

  /** `dir`: the run folder. */
  constructor(dir: string) {
    this.#dir = dir;
    this.#links = new Links(dir);
  }

  /** No rows may be used from here on, also those of an earlier daemon's configuration. */
  open(): void {
    for (const name of existsSync(this.#dir) ? readdirSync(this.#dir) : []) {
      if (name.startsWith(FOLDER)) this.#distrust(name.slice(FOLDER.length));
    }
    this.#valid.clear();
  }

  /** A configuration has been rendered with the rows of all routes as they are now. */
  begin(digest: string, depth: number): void {
    this.#distrust(digest);
    try {
      mkdirSync(this.#folder(digest), { mode: 0o711 });
      this.#valid.set(digest, { depth, prefixes: new Set() });
    } catch {
      // No room: then without rows.
    }
  }

  /** nginx serves this configuration: workers of others, which only finish their connections, have no use of rows any more. */
  only(digest: string): void {
    for (const one of this.#valid.keys()) if (one !== digest) this.#distrust(one);
  }

  /** Has a route changed since this configuration was rendered? */
  isChanged(digest: string | undefined, key: string): boolean {
    const marked = this.#valid.get(digest ?? '');
    const prefix = marked && firstSegments(key, marked.depth);
    return marked === undefined || (prefix !== undefined && marked.prefixes.has(prefix));
  }

  /** Has any? */
  anyChanged(digest: string | undefined): boolean {
    return this.#valid.get(digest ?? '')?.prefixes.size !== 0;
  }

  /** Routes with these keys are about to change. Throws when nginx could go on using their rows. */
  mark(keys: readonly string[]): void {
    for (const [digest, marked] of this.#valid) {
      try {
        if (keys.length > MOST_AT_ONCE) throw new Error('changes too much');
        // Somebody took it away: made anew for this mark, it would be without the earlier ones.
        if (!existsSync(this.#folder(digest))) throw new Error('it is gone');
        for (const key of keys) this.#mark(digest, marked, key);
      } catch {
        // Too many, or there is no room.
        this.#distrust(digest);
      }
    }
  }

  #mark(digest: string, { depth, prefixes }: Marked, key: string): void {
    const prefix = firstSegments(key, depth);
    if (prefix === undefined || prefixes.size >= MOST_MARKS) throw new Error('changes too much');
    if (prefixes.has(prefix)) return;
    this.#links.place(this.#folder(digest) + prefix, '.');
    prefixes.add(prefix);
  }

  /** In one step, so that no marks go while rows are still used. */
  #distrust(digest: string): void {
    try {
      void discard(this.#folder(digest));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    this.#valid.delete(digest);
  }

  #folder(digest: string): string {
    return join(this.#dir, FOLDER + digest);
  }
}
