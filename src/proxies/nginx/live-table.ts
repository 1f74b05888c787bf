import { existsSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Breather } from '../../system/breather.ts';
import type { Descriptor } from './descriptor.ts';
import { DescriptorFolders, LINGER_MS } from './descriptor-folders.ts';
import { LinkFailures } from './link-failures.ts';
import { Links, readLink } from './links.ts';
import { isLinked, LiveTree } from './live-tree.ts';

/** How many links one call of `findDamage` checks. */
const LOOK_AT = 20;

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
  #folders: DescriptorFolders;
  /** The tree that `run/table` leads to. */
  #tree: LiveTree;

  constructor(dir: string) {
    this.#dir = dir;
    this.#links = new Links(dir);
    this.#folders = new DescriptorFolders(dir, this.#links);
    this.#tree = new LiveTree(dir, 0, this.#links);
  }

  /** Key to descriptor, as on disk. */
  get entries(): ReadonlyMap<string, Descriptor> {
    return this.#entries;
  }

  /** Reads back what is on disk, and makes the bare table where there is none. May be called again, to look anew. */
  async open(): Promise<void> {
    this.#links.open();
    const current = readLink(join(this.#dir, 'table'));
    const number = Number(/^table-(\d+)$/.exec(current ?? '')?.[1] ?? 0);
    this.#tree = new LiveTree(this.#dir, number, this.#links);
    if (current === undefined || !existsSync(this.#tree.path)) {
      this.#tree = new LiveTree(this.#dir, number + 1, this.#links);
      this.#tree.make();
      this.#place(this.#tree);
    }
    for (const name of readdirSync(this.#dir)) {
      const path = join(this.#dir, name);
      if (/^table-\d+$/.test(name) && path !== this.#tree.path) rmSync(path, { recursive: true });
    }
    await this.#read();
  }

  /** Whole replacement in one step for nginx. */
  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const old = this.#tree;
    const tree = new LiveTree(this.#dir, old.number + 1, this.#links);
    tree.make();
    const used: Descriptor[] = [];
    const failures = new LinkFailures();
    const breather = new Breather();
    try {
      for (const [key, descriptor] of wanted) {
        failures.try(key, () => {
          this.#folders.use(descriptor);
          used.push(descriptor);
          tree.link(key, descriptor);
        });
        if (breather.isDue) await breather.rest();
      }
      failures.check();
      tree.mark(generation);
      this.#place(tree);
    } catch (error) {
      for (const descriptor of used) this.#folders.release(descriptor);
      tree.remove();
      throw error;
    }
    for (const descriptor of this.#entries.values()) this.#folders.release(descriptor);
    this.#tree = tree;
    this.#setEntries(new Map(wanted));
    // Nobody waits for this; what a crash leaves, the next open() removes.
    const remove = () => {
      if (old.path !== this.#tree.path) rm(old.path, { recursive: true, force: true }).catch(() => {});
    };
    setTimeout(remove, LINGER_MS).unref();
  }

  /**
   * Changes links one after the other, then the generation. First it sets, then it removes, so that a request always finds a
   * route: when /user/ada/x replaces /user/ada, one of them is there. A link that can't be set stops no other change, and is tried
   * again after the removals, which may have made room.
   */
  async change(set: Iterable<[string, Descriptor]>, remove: Iterable<string>, generation: number): Promise<void> {
    const breather = new Breather();
    await this.#folders.sweep(breather);
    const wanted = new Map(set);
    await this.#set(wanted, breather);
    await this.#remove(remove, breather);
    const failures = await this.#set(wanted, breather);
    failures.check();
    this.#tree.mark(generation);
  }

  /** Checks the next few links, others at each call, and says what somebody has done to them. */
  findDamage(): string | undefined {
    for (let i = 0; i < LOOK_AT; i++) {
      const next = this.#round.next();
      if (next.done) {
        this.#round = this.#entries.entries();
        return undefined;
      }
      const [key, descriptor] = next.value;
      // By the same path as nginx: through the table's link.
      if (!isLinked(join(this.#dir, 'table'), key, descriptor))
        return `somebody changed the link of ${key} in ${this.#dir}`;
    }
    return undefined;
  }

  /** Removes from `wanted` what was set, and returns what failed. */
  async #set(wanted: Map<string, Descriptor>, breather: Breather): Promise<LinkFailures> {
    const failures = new LinkFailures();
    for (const [key, descriptor] of wanted) {
      failures.try(key, () => {
        this.#setOne(key, descriptor);
        wanted.delete(key);
      });
      if (breather.isDue) await breather.rest();
    }
    return failures;
  }

  #setOne(key: string, descriptor: Descriptor): void {
    const before = this.#entries.get(key);
    if (before === descriptor) return;
    this.#folders.use(descriptor);
    try {
      this.#tree.link(key, descriptor);
    } catch (error) {
      this.#folders.release(descriptor);
      throw error;
    }
    this.#entries.set(key, descriptor);
    if (before !== undefined) this.#folders.release(before);
  }

  async #remove(keys: Iterable<string>, breather: Breather): Promise<void> {
    const left = new Set<string>();
    let failure: unknown;
    for (const key of keys) {
      const before = this.#entries.get(key);
      if (before === undefined) continue;
      try {
        const folder = this.#tree.unlink(key);
        if (folder !== undefined) left.add(folder);
        this.#entries.delete(key);
        this.#folders.release(before);
      } catch (error) {
        failure ??= error;
      }
      if (breather.isDue) await breather.rest();
    }
    await this.#tree.prune(left, breather);
    if (failure !== undefined) throw failure;
  }

  async #read(): Promise<void> {
    this.#setEntries(new Map());
    this.#folders = new DescriptorFolders(this.#dir, this.#links);
    this.#folders.startReading();
    await this.#tree.read((key, descriptor) => {
      this.#entries.set(key, descriptor);
      this.#folders.use(descriptor);
    });
    this.#folders.endReading();
  }

  #setEntries(entries: Map<string, Descriptor>): void {
    this.#entries = entries;
    this.#round = entries.entries();
  }

  #place({ path }: LiveTree): void {
    this.#links.place(join(this.#dir, 'table'), basename(path));
  }
}
