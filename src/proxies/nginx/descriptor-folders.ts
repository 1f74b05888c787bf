import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Breather } from '../../system/breather.ts';
import type { Descriptor } from './descriptor.ts';
import { type Links, readLink } from './links.ts';
import { prune } from './prune.ts';

/** How long a replaced link's folder stays: a request that read the link looks there a moment later. */
export const LINGER_MS = 1_000;

/** The folders that links lead to, `t/http/127.0.0.1:9002`. Each exists as long as a link leads to it, and a moment longer. */
export class DescriptorFolders {
  readonly #top: string;
  readonly #links: Links;
  readonly #uses = new Map<Descriptor, number>();
  /** Folders that lost their last link, and when. The oldest come first. */
  readonly #unused = new Map<Descriptor, number>();
  /** The folders that exist, while a table is read back: saves 100,000 system calls. */
  readonly #found = new Set<Descriptor>();

  constructor(dir: string, links: Links) {
    this.#top = join(dir, 't');
    this.#links = links;
  }

  /** Lists those of the usual form, scheme and address. Others are made again, which does no harm. */
  startReading(): void {
    for (const scheme of ['http', 'https']) {
      if (!existsSync(join(this.#top, scheme))) continue;
      for (const name of readdirSync(join(this.#top, scheme))) this.#found.add(`${scheme}/${name}`);
    }
  }

  endReading(): void {
    this.#found.clear();
  }

  /** One more link leads there. */
  use(descriptor: Descriptor): void {
    const uses = this.#uses.get(descriptor) ?? 0;
    if (uses === 0 && !this.#found.has(descriptor)) this.#links.folder(descriptor);
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

  /** Removes what has been out of use for long enough. */
  async sweep(breather: Breather): Promise<void> {
    const folders = new Set<string>();
    for (const [descriptor, since] of this.#unused) {
      if (performance.now() - since < LINGER_MS) break;
      this.#unused.delete(descriptor);
      folders.add(join(this.#top, descriptor));
    }
    if (folders.size > 0) await prune(folders, this.#whatStays(), breather);
  }

  /** A folder in use looks empty, and may be the parent of one that goes: `t/http/127.0.0.1:9002` of `…:9002/base`. */
  #whatStays(): (folder: string) => boolean {
    // The error target's link, which is no route.
    const ofErrors = readLink(join(dirname(this.#top), 'e'));
    return (folder) => {
      if (folder === this.#top || `t/${relative(this.#top, folder)}` === ofErrors) return true;
      const descriptor = relative(this.#top, folder);
      return this.#uses.has(descriptor) || this.#unused.has(descriptor);
    };
  }
}
