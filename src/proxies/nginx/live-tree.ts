import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Breather } from '../../system/breather.ts';
import { type Descriptor, NO_ROUTE } from './descriptor.ts';
import { type Links, readLink } from './links.ts';
import { namesIn } from './names-in.ts';
import { prune, pruneOne } from './prune.ts';
import { descriptorIn, routeLink } from './route-link.ts';

/** `isAsNow`: is the link as we make them today? */
type Found = (key: string, descriptor: Descriptor, isAsNow: boolean) => void;

/**
 * One whole table as links, below one folder. The root route is always there, leading to `none` where there is no such route.
 * `g/=17` is the generation, a file that nginx is asked for.
 */
export class LiveTree {
  readonly number: number;
  readonly path: string;
  readonly #links: Links;
  #generation = 0;

  /** `dir`: the run folder. */
  constructor(dir: string, number: number, links: Links) {
    this.number = number;
    this.path = join(dir, `table-${number}`);
    this.#links = links;
  }

  /** A new one, without routes. */
  make(): void {
    this.remove();
    mkdirSync(this.path, { mode: 0o711 });
    this.#links.target(NO_ROUTE);
    this.link('/', NO_ROUTE);
    this.mark(0);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  link(key: string, descriptor: Descriptor): void {
    const { path, to } = routeLink(key, descriptor);
    // Not `join`, which takes a path apart: there may be 100,000.
    const at = `${this.path}/${path}`;
    try {
      this.#links.place(at, to);
    } catch (error) {
      // Folders on the way to it may have been made, and would take up inodes.
      pruneOne(dirname(at), this.path);
      throw error;
    }
  }

  /** Returns the folder that may be empty now. */
  unlink(key: string): string | undefined {
    if (key === '/') {
      this.link('/', NO_ROUTE);
      return undefined;
    }
    const path = join(this.path, routeLink(key, '').path);
    removeLink(path);
    return dirname(path);
  }

  /** The folder of a depth stays when it is empty. */
  async prune(folders: ReadonlySet<string>, breather: Breather): Promise<void> {
    await prune(folders, (folder) => dirname(folder) === this.path, breather);
  }

  /** By rename, which takes and frees no inode: this happens with every change. */
  mark(generation: number): void {
    const file = (number: number) => join(this.path, 'g', `=${number}`);
    try {
      renameSync(file(this.#generation), file(generation));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      rmSync(join(this.path, 'g'), { recursive: true, force: true });
      mkdirSync(join(this.path, 'g'), { mode: 0o711 });
      writeFileSync(file(generation), '', { mode: 0o600 });
    }
    this.#generation = generation;
  }

  /** Reads back the routes and the generation. Removes what is not one of our links, or not where it belongs. */
  async read(found: Found): Promise<void> {
    this.#generation = this.#readMark();
    const root = descriptorIn(readLink(join(this.path, '0', '-'))) ?? NO_ROUTE;
    if (root !== NO_ROUTE) found('/', root, true);
    this.#links.target(NO_ROUTE);
    this.link('/', root);
    const breather = new Breather();
    for (const item of namesIn(this.path)) {
      const path = join(this.path, item.name);
      if (!/^[1-9]\d*$/.test(item.name)) continue;
      if (item.isDirectory()) await this.#readFolder(path, '', Number(item.name), found, breather);
      else rmSync(path);
    }
  }

  /** `depth`: how many names further down the links are. */
  async #readFolder(folder: string, key: string, depth: number, found: Found, breather: Breather): Promise<void> {
    for (const item of namesIn(folder)) {
      const path = join(folder, item.name);
      const below = `${key}/${item.name}`;
      if (item.isDirectory() && depth > 1) await this.#readFolder(path, below, depth - 1, found, breather);
      else {
        const to = item.isSymbolicLink() && depth === 1 ? readlinkSync(path) : undefined;
        const descriptor = descriptorIn(to);
        if (descriptor === undefined) rmSync(path, { recursive: true });
        else found(below, descriptor, to === routeLink(below, descriptor).to);
      }
      if (breather.isDue) await breather.rest();
    }
  }

  #readMark(): number {
    try {
      return Number(/^=(\d+)$/.exec(readdirSync(join(this.path, 'g'))[0] ?? '')?.[1] ?? 0);
    } catch {
      return 0;
    }
  }
}

/** Does the route's link point to its descriptor, and does that exist? `path`: the tree's, as nginx reaches it. */
export function isLinked(path: string, key: string, descriptor: Descriptor): boolean {
  const link = routeLink(key, descriptor);
  const at = join(path, link.path);
  try {
    return readlinkSync(at) === link.to && existsSync(at);
  } catch {
    return false;
  }
}

/** It may be gone already: somebody else may have removed it. */
function removeLink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
