import { existsSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Breather, inSlices } from '../../system/breather.ts';
import type { Descriptor } from './descriptor.ts';
import { type Links, readLink } from './links.ts';
import { namesIn } from './names-in.ts';
import { prune } from './prune.ts';
import { descriptorIn, descriptorPath, isAddress } from './route-link.ts';

/** How long what a replaced link led to stays: a request that read the link looks there a moment later. */
export const LINGER_MS = 1_000;

/**
 * What links lead to: `t/http/127.0.0.1:9002`, one of the names of an empty file, or `p/t/http/127.0.0.1:9002/base`, a folder. Each exists
 * as long as a link leads to it, and a moment longer.
 */
export class LinkTargets {
  readonly #dir: string;
  readonly #links: Links;
  readonly #uses = new Map<Descriptor, number>();
  /** Those that lost their last link, and when. The oldest come first. */
  readonly #unused = new Map<Descriptor, number>();
  /** Those that exist, while a table is read back: saves 100,000 system calls. */
  readonly #found = new Set<Descriptor>();

  constructor(dir: string, links: Links) {
    this.#dir = dir;
    this.#links = links;
  }

  /** Lists those of the usual form, scheme and address. Others are made again, which does no harm. */
  async startReading(breather: Breather): Promise<void> {
    for (const scheme of ['http', 'https']) {
      const folder = join(this.#dir, 't', scheme);
      if (!existsSync(folder)) continue;
      await inSlices(namesIn(folder), ({ name }) => this.#found.add(`${scheme}/${name}`), breather);
    }
  }

  /** What no link leads to is out of use. */
  async endReading(breather: Breather): Promise<void> {
    const now = performance.now();
    const look = (descriptor: Descriptor) => {
      if (!this.#uses.has(descriptor)) this.#unused.set(descriptor, now);
    };
    await inSlices(this.#found, look, breather);
    this.#found.clear();
  }

  /** One more link leads there. */
  use(descriptor: Descriptor): void {
    const uses = this.#uses.get(descriptor) ?? 0;
    if (uses === 0 && !this.#found.has(descriptor)) this.#links.target(descriptor);
    this.#uses.set(descriptor, uses + 1);
    this.#unused.delete(descriptor);
  }

  /** One link less leads there. */
  release(descriptor: Descriptor): void {
    const uses = (this.#uses.get(descriptor) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(descriptor, uses);
      return;
    }
    this.#uses.delete(descriptor);
    this.#unused.set(descriptor, performance.now());
  }

  /** How many are out of use. */
  get unused(): number {
    return this.#unused.size;
  }

  /** Removes what has been out of use for long enough, so many of them. */
  async sweep(breather: Breather, most = Number.POSITIVE_INFINITY): Promise<void> {
    let left = most;
    const folders = new Set<string>();
    // The error target's link, which is no route.
    const ofErrors = descriptorIn(readLink(join(this.#dir, 'e')));
    for (const [descriptor, since] of this.#unused) {
      if (performance.now() - since < LINGER_MS || left-- === 0) break;
      this.#unused.delete(descriptor);
      const path = join(this.#dir, descriptorPath(descriptor));
      if (descriptor === ofErrors || (isAddress(descriptor) && isUnlinked(path))) continue;
      folders.add(path);
      if (breather.isDue) await breather.rest();
    }
    if (folders.size > 0) await prune(folders, this.#whatStays(ofErrors), breather);
  }

  /** A folder in use looks empty, and may be the parent of one that goes: `…:9002/base` of `…:9002/base/lab`. */
  #whatStays(ofErrors: Descriptor | undefined): (folder: string) => boolean {
    return (folder) => {
      const descriptor = descriptorIn(relative(this.#dir, folder));
      if (descriptor === undefined || descriptor === ofErrors) return true;
      return this.#uses.has(descriptor) || this.#unused.has(descriptor);
    };
  }
}

/** False for what is a folder, as an earlier release made it, or can't be removed. */
function isUnlinked(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
