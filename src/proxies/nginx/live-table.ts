import {
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Breather } from '../../system/breather.ts';
import { type Descriptor, NO_ROUTE } from './descriptor.ts';
import { Links, readLink } from './links.ts';
import { segments } from './segments.ts';

/** Links that one look for damage looks at. */
const LOOK_AT = 20;

/** How long what was replaced stays: requests that found it look a moment later where it leads. */
const LINGER_MS = 1_000;

/**
 * The table that nginx reads at each request, as symlinks; a change is one rename(2) and shows at once in every worker.
 *
 *     run/table           -> table-3           all of it is replaced by replacing this link
 *     run/table-3/2/user/ada -> ../../../t/http/127.0.0.1:9002     the key's depth, then its segments
 *     run/table-3/0/-     -> ../../t/none      the root route, always there
 *     run/table-3/g/=17                       the generation, read back through nginx
 *     run/t/...           folders whose names are the descriptors
 */
export class LiveTable {
  readonly #dir: string;
  readonly #links: Links;
  #entries = new Map<string, Descriptor>();
  /** Where `findDamage` goes on. */
  #round: Iterator<[string, Descriptor]> = this.#entries.entries();
  #epoch = 0;
  #generation = 0;
  #uses = new Map<Descriptor, number>();
  /** Folders that are there, while a table is read: 100,000 looks at the disk less. */
  readonly #there = new Set<Descriptor>();
  /** Folders that lost their last link, and when: a request under way may still be looking. The oldest come first. */
  #unused = new Map<Descriptor, number>();

  constructor(dir: string) {
    this.#dir = dir;
    this.#links = new Links(dir);
  }

  /** Key to descriptor, as on disk. */
  get entries(): ReadonlyMap<string, Descriptor> {
    return this.#entries;
  }

  /** Reads back what is on disk, and makes the bare table where there is none. May be called again, to look anew. */
  async open(): Promise<void> {
    this.#links.open();
    const current = readLink(join(this.#dir, 'table'));
    this.#epoch = Number(/^table-(\d+)$/.exec(current ?? '')?.[1] ?? 0);
    if (!current || !existsSync(this.#path(this.#epoch))) {
      this.#epoch++;
      this.#bareTable(this.#epoch);
      this.#links.place(join(this.#dir, 'table'), `table-${this.#epoch}`);
    }
    for (const name of readdirSync(this.#dir)) {
      if (/^table-\d+$/.test(name) && name !== `table-${this.#epoch}`)
        rmSync(join(this.#dir, name), { recursive: true });
    }
    await this.#read();
  }

  /** Whole replacement in one step of the proxy. */
  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const epoch = this.#epoch + 1;
    this.#bareTable(epoch);
    const before = this.#entries;
    const used: Descriptor[] = [];
    const breather = new Breather();
    try {
      for (const [key, descriptor] of wanted) {
        this.#use(descriptor);
        used.push(descriptor);
        this.#link(epoch, key, descriptor);
        if (breather.isDue) await breather.rest();
      }
      this.#mark(epoch, generation);
      this.#links.place(join(this.#dir, 'table'), `table-${epoch}`);
    } catch (error) {
      for (const descriptor of used) this.#release(descriptor);
      rmSync(this.#path(epoch), { recursive: true, force: true });
      throw error;
    }
    const old = this.#epoch;
    this.#epoch = epoch;
    this.#entries = new Map(wanted);
    this.#round = this.#entries.entries();
    for (const descriptor of before.values()) this.#release(descriptor);
    // Nobody waits for this; what a crash leaves, the next open() removes.
    const remove = () => {
      if (old !== this.#epoch) rm(this.#path(old), { recursive: true, force: true }).catch(() => {});
    };
    setTimeout(remove, LINGER_MS).unref();
  }

  /**
   * Changes some links one after the other, then the generation. Routes come before others go, so that a request finds a route
   * in between; only what finds no room waits for what the others free.
   */
  async change(set: Iterable<[string, Descriptor]>, remove: Iterable<string>, generation: number): Promise<void> {
    const breather = new Breather();
    await this.#sweep(breather);
    const wanted = new Map(set);
    await this.#set(wanted, breather).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOSPC') throw error;
    });
    await this.#remove(remove, breather);
    await this.#set(wanted, breather);
    this.#mark(this.#epoch, generation);
  }

  /** Takes what it has done out of `wanted`. */
  async #set(wanted: Map<string, Descriptor>, breather: Breather): Promise<void> {
    for (const [key, descriptor] of wanted) {
      const before = this.#entries.get(key);
      if (before !== descriptor) {
        this.#use(descriptor);
        this.#link(this.#epoch, key, descriptor);
        this.#entries.set(key, descriptor);
        if (before !== undefined) this.#release(before);
      }
      wanted.delete(key);
      if (breather.isDue) await breather.rest();
    }
  }

  async #remove(keys: Iterable<string>, breather: Breather): Promise<void> {
    const left = new Set<string>();
    for (const key of keys) {
      const before = this.#entries.get(key);
      if (before === undefined) continue;
      const folder = this.#unlink(key);
      if (folder !== undefined) left.add(folder);
      this.#entries.delete(key);
      this.#release(before);
      if (breather.isDue) await breather.rest();
    }
    // The depth itself stays.
    await prune(left, (folder) => dirname(folder) === this.#path(this.#epoch), breather);
  }

  /** Looks at some links, at others each time, and says what somebody has done to them. */
  findDamage(): string | undefined {
    for (let i = 0; i < LOOK_AT; i++) {
      const next = this.#round.next();
      if (next.done) {
        this.#round = this.#entries.entries();
        return undefined;
      }
      if (!this.#isInPlace(...next.value)) return `somebody changed the link of ${next.value[0]} in ${this.#dir}`;
    }
    return undefined;
  }

  /** On the way that nginx goes: by the link of the table to the folder that the route's link leads to. */
  #isInPlace(key: string, descriptor: Descriptor): boolean {
    const { path, up } = placeOf(key);
    const link = join(this.#dir, 'table', path);
    try {
      return readlinkSync(link) === `${up}t/${descriptor}` && existsSync(link);
    } catch {
      return false;
    }
  }

  #path(epoch: number, ...rest: string[]): string {
    return join(this.#dir, `table-${epoch}`, ...rest);
  }

  #bareTable(epoch: number): void {
    rmSync(this.#path(epoch), { recursive: true, force: true });
    mkdirSync(this.#path(epoch), { mode: 0o711 });
    this.#links.folder(NO_ROUTE);
    this.#link(epoch, '/', NO_ROUTE);
    this.#mark(epoch, this.#generation);
  }

  /** Renamed, for that makes and frees no inode: this happens with every pass. */
  #mark(epoch: number, generation: number): void {
    const mark = (number: number) => this.#path(epoch, 'g', `=${number}`);
    try {
      renameSync(mark(this.#generation), mark(generation));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      rmSync(this.#path(epoch, 'g'), { recursive: true, force: true });
      mkdirSync(this.#path(epoch, 'g'), { mode: 0o711 });
      writeFileSync(mark(generation), '', { mode: 0o600 });
    }
    this.#generation = generation;
  }

  #link(epoch: number, key: string, descriptor: Descriptor): void {
    const { path, up } = placeOf(key);
    this.#links.place(this.#path(epoch, path), `${up}t/${descriptor}`);
  }

  /** Gives back the folder that may be empty now. */
  #unlink(key: string): string | undefined {
    if (key === '/') {
      this.#link(this.#epoch, '/', NO_ROUTE);
      return undefined;
    }
    const path = this.#path(this.#epoch, placeOf(key).path);
    removeLink(path);
    return dirname(path);
  }

  #use(descriptor: Descriptor): void {
    const uses = this.#uses.get(descriptor) ?? 0;
    if (uses === 0 && !this.#there.has(descriptor)) this.#links.folder(descriptor);
    this.#uses.set(descriptor, uses + 1);
    this.#unused.delete(descriptor);
  }

  #release(descriptor: Descriptor): void {
    const uses = (this.#uses.get(descriptor) ?? 1) - 1;
    if (uses > 0) {
      this.#uses.set(descriptor, uses);
      return;
    }
    this.#uses.delete(descriptor);
    this.#unused.set(descriptor, performance.now());
  }

  async #sweep(breather: Breather): Promise<void> {
    const top = join(this.#dir, 't');
    const unused = new Set<string>();
    for (const [descriptor, since] of this.#unused) {
      if (performance.now() - since < LINGER_MS) break;
      this.#unused.delete(descriptor);
      unused.add(join(top, descriptor));
    }
    await prune(unused, (folder) => folder === top, breather);
  }

  async #read(): Promise<void> {
    this.#entries = new Map();
    this.#round = this.#entries.entries();
    this.#uses = new Map();
    this.#unused = new Map();
    this.#lookForFolders();
    const top = this.#path(this.#epoch);
    this.#generation = this.#readMark(top);
    const root = descriptorOf(readLink(join(top, '0', '-')) ?? '') ?? NO_ROUTE;
    if (root !== NO_ROUTE) this.#found('/', root);
    this.#links.folder(NO_ROUTE);
    this.#link(this.#epoch, '/', root);
    const breather = new Breather();
    for (const depth of readdirSync(top)) {
      if (/^[1-9]\d*$/.test(depth)) await this.#readFolder(join(top, depth), '', breather);
    }
    this.#there.clear();
  }

  /** The usual ones: a scheme and an address. Others are made again, which does no harm. */
  #lookForFolders(): void {
    const top = join(this.#dir, 't');
    for (const scheme of ['http', 'https']) {
      if (!existsSync(join(top, scheme))) continue;
      for (const name of readdirSync(join(top, scheme))) this.#there.add(`${scheme}/${name}`);
    }
  }

  #readMark(top: string): number {
    try {
      return Number(/^=(\d+)$/.exec(readdirSync(join(top, 'g'))[0] ?? '')?.[1] ?? 0);
    } catch {
      return 0;
    }
  }

  async #readFolder(folder: string, key: string, breather: Breather): Promise<void> {
    for (const item of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, item.name);
      if (item.isDirectory()) await this.#readFolder(path, `${key}/${item.name}`, breather);
      else {
        const descriptor = item.isSymbolicLink() ? descriptorOf(readlinkSync(path)) : undefined;
        if (descriptor) this.#found(`${key}/${item.name}`, descriptor);
        else rmSync(path);
      }
      if (breather.isDue) await breather.rest();
    }
  }

  #found(key: string, descriptor: Descriptor): void {
    this.#entries.set(key, descriptor);
    this.#use(descriptor);
  }
}

/**
 * Removes folders that are empty, and then those that this leaves empty. Level by level: to ask of a folder with 100,000
 * names whether it is empty, once for each name that went, would take minutes.
 */
async function prune(folders: Set<string>, isTop: (folder: string) => boolean, breather: Breather): Promise<void> {
  for (let level = folders; level.size > 0; ) {
    const above = new Set<string>();
    for (const folder of level) {
      if (!isTop(folder) && removeFolder(folder)) above.add(dirname(folder));
      if (breather.isDue) await breather.rest();
    }
    level = above;
  }
}

/** Where a key's link lies below the table, and the way from there up to the run folder. */
function placeOf(key: string): { path: string; up: string } {
  const names = segments(key);
  const depth = names.length;
  return { path: depth === 0 ? '0/-' : `${depth}${key}`, up: '../'.repeat(Math.max(depth, 1) + 1) };
}

function descriptorOf(link: string): Descriptor | undefined {
  return /^(?:\.\.\/)+t\/(.+)$/s.exec(link)?.[1];
}

/** Gone already is as good: someone else may have been there. */
function removeLink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}

/** False when the folder isn't empty or is gone already. */
function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}
