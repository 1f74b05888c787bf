import { mkdirSync, readdirSync, readlinkSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Descriptor, NO_ROUTE } from './descriptor.ts';
import { Links, readLink } from './links.ts';
import { segments } from './segments.ts';

/** Links made before other work on the event loop gets its turn. */
const SLICE = 500;

/**
 * The table that nginx reads at each request, as symlinks; a change is one rename(2) and shows at once in every worker.
 *
 *     run/table           -> table-3           all of it is replaced by replacing this link
 *     run/table-3/2/user/ada -> ../../../t/http/127.0.0.1:9002     the key's depth, then its segments
 *     run/table-3/0/-     -> ../../t/none      the root route, always there
 *     run/table-3/g       -> ../t/=17          the generation, read back through nginx
 *     run/t/...           folders whose names are the descriptors
 */
export class LiveTable {
  readonly #dir: string;
  readonly #links: Links;
  #entries = new Map<string, Descriptor>();
  #epoch = 0;
  #generation = 0;
  #uses = new Map<Descriptor, number>();
  /** Folders that lost their last link in the pass before: a request under way may still be looking. */
  #unused = new Set<Descriptor>();

  constructor(dir: string) {
    this.#dir = dir;
    this.#links = new Links(dir);
  }

  /** Key to descriptor, as on disk. */
  get entries(): ReadonlyMap<string, Descriptor> {
    return this.#entries;
  }

  /** Reads back what is on disk, and makes the bare table where there is none. */
  open(): void {
    this.#links.open();
    const current = readLink(join(this.#dir, 'table'));
    this.#epoch = Number(/^table-(\d+)$/.exec(current ?? '')?.[1] ?? 0);
    if (!current) {
      this.#epoch = 1;
      this.#bareTable(1);
      this.#links.place(join(this.#dir, 'table'), 'table-1');
    }
    for (const name of readdirSync(this.#dir)) {
      if (/^table-\d+$/.test(name) && name !== `table-${this.#epoch}`)
        rmSync(join(this.#dir, name), { recursive: true });
    }
    this.#read();
    for (const name of readdirSync(join(this.#dir, 't'))) {
      if (name.startsWith('=') && name !== `=${this.#generation}`) removeFolder(join(this.#dir, 't', name));
    }
  }

  /** Whole replacement in one step of the proxy. */
  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const epoch = this.#epoch + 1;
    rmSync(this.#path(epoch), { recursive: true, force: true });
    this.#bareTable(epoch);
    const before = this.#entries;
    const used: Descriptor[] = [];
    try {
      for (const [key, descriptor] of wanted) {
        this.#use(descriptor);
        used.push(descriptor);
        this.#link(epoch, key, descriptor);
        if (used.length % SLICE === 0) await breathe();
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
    for (const descriptor of before.values()) this.#release(descriptor);
    // Nobody waits for this; what a crash leaves, the next open() removes.
    rm(this.#path(old), { recursive: true, force: true }).catch(() => {});
  }

  /** Changes some links one after the other, then the generation. */
  async change(set: Iterable<[string, Descriptor]>, remove: Iterable<string>, generation: number): Promise<void> {
    this.#sweep();
    let made = 0;
    for (const [key, descriptor] of set) {
      const before = this.#entries.get(key);
      if (before === descriptor) continue;
      this.#use(descriptor);
      this.#link(this.#epoch, key, descriptor);
      this.#entries.set(key, descriptor);
      if (before !== undefined) this.#release(before);
      if (++made % SLICE === 0) await breathe();
    }
    for (const key of remove) {
      const before = this.#entries.get(key);
      if (before === undefined) continue;
      this.#unlink(key);
      this.#entries.delete(key);
      this.#release(before);
      if (++made % SLICE === 0) await breathe();
    }
    this.#mark(this.#epoch, generation);
  }

  #path(epoch: number, ...rest: string[]): string {
    return join(this.#dir, `table-${epoch}`, ...rest);
  }

  #bareTable(epoch: number): void {
    mkdirSync(this.#path(epoch), { mode: 0o711 });
    this.#links.folder(NO_ROUTE);
    this.#link(epoch, '/', NO_ROUTE);
    this.#mark(epoch, this.#generation);
  }

  #mark(epoch: number, generation: number): void {
    this.#links.folder(`=${generation}`);
    this.#links.place(this.#path(epoch, 'g'), `../t/=${generation}`);
    if (generation !== this.#generation) removeFolder(join(this.#dir, 't', `=${this.#generation}`));
    this.#generation = generation;
  }

  #link(epoch: number, key: string, descriptor: Descriptor): void {
    const { path, up } = placeOf(key);
    this.#links.place(this.#path(epoch, path), `${up}t/${descriptor}`);
  }

  #unlink(key: string): void {
    if (key === '/') {
      this.#link(this.#epoch, '/', NO_ROUTE);
      return;
    }
    const path = this.#path(this.#epoch, placeOf(key).path);
    unlinkSync(path);
    // Empty folders on the way up; the depth itself stays.
    let folder = dirname(path);
    for (let up = segments(key).length - 1; up > 0 && removeFolder(folder); up--) folder = dirname(folder);
  }

  #use(descriptor: Descriptor): void {
    const uses = this.#uses.get(descriptor) ?? 0;
    if (uses === 0) this.#links.folder(descriptor);
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
    this.#unused.add(descriptor);
  }

  #sweep(): void {
    for (const descriptor of this.#unused) {
      let folder = descriptor;
      while (folder !== '.' && removeFolder(join(this.#dir, 't', folder))) folder = dirname(folder);
    }
    this.#unused.clear();
  }

  #read(): void {
    this.#entries = new Map();
    this.#uses = new Map();
    const top = this.#path(this.#epoch);
    this.#generation = Number(/=(\d+)$/.exec(readLink(join(top, 'g')) ?? '')?.[1] ?? 0);
    const root = descriptorOf(readLink(join(top, '0', '-')) ?? '') ?? NO_ROUTE;
    if (root !== NO_ROUTE) this.#found('/', root);
    for (const depth of readdirSync(top)) {
      if (/^[1-9]\d*$/.test(depth)) this.#readFolder(join(top, depth), '');
    }
  }

  #readFolder(folder: string, key: string): void {
    for (const item of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, item.name);
      if (item.isDirectory()) this.#readFolder(path, `${key}/${item.name}`);
      else {
        const descriptor = descriptorOf(readlinkSync(path));
        if (descriptor) this.#found(`${key}/${item.name}`, descriptor);
        else rmSync(path);
      }
    }
  }

  #found(key: string, descriptor: Descriptor): void {
    this.#entries.set(key, descriptor);
    this.#uses.set(descriptor, (this.#uses.get(descriptor) ?? 0) + 1);
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

/** False when the folder isn't empty or is gone already. */
function removeFolder(path: string): boolean {
  try {
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
