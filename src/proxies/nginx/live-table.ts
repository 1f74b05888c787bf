import { existsSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Breather, inSlices } from '../../system/breather.ts';
import type { Descriptor } from './descriptor.ts';
import { LinkFailures } from './link-failures.ts';
import { LINGER_MS, LinkTargets } from './link-targets.ts';
import { Links, readLink } from './links.ts';
import { isLinked, LiveTree } from './live-tree.ts';
import { discard, removeLeft } from './remove-tree.ts';

/** How many links one call of `findDamage` checks. */
const LOOK_AT = 20;
/** How many targets out of use one change removes; more go by themselves. */
const MOST_SWEPT = 100;

/**
 * The table that nginx reads at each request, as symlinks; a change is one rename(2) and shows at once in every worker.
 *
 *     run/table           -> table-3           all of it is replaced by replacing this link
 *     run/table-3/2/user/ada -> ../../../t/http/127.0.0.1:9002     the key's depth, then its segments
 *     run/table-3/0/-     -> ../../t/none      the root route, always there
 *     run/table-3/g/=17                       the generation, read back through nginx
 *     run/t/...           names that are the descriptors
 *     run/gone-...        a table that is being removed
 */
export class LiveTable {
  readonly #dir: string;
  readonly #links: Links;
  #entries = new Map<string, Descriptor>();
  /** Where `findDamage` goes on. */
  #round: Iterator<[string, Descriptor]> = this.#entries.entries();
  #targets: LinkTargets;
  /** The tree that `run/table` leads to. */
  #tree: LiveTree;

  constructor(dir: string) {
    this.#dir = dir;
    this.#links = new Links(dir);
    this.#targets = new LinkTargets(dir, this.#links);
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
    removeLeft(this.#dir);
    // Left by a crash.
    for (const name of readdirSync(this.#dir)) {
      const path = join(this.#dir, name);
      if (/^table-\d+$/.test(name) && path !== this.#tree.path) void this.#remove(path);
    }
    await this.#read();
  }

  /** Whole replacement in one step for nginx. */
  async replace(wanted: ReadonlyMap<string, Descriptor>, generation: number): Promise<void> {
    const old = this.#tree;
    const tree = new LiveTree(this.#dir, old.number + 1, this.#links);
    tree.make();
    const entries = new Map<string, Descriptor>();
    const failures = new LinkFailures();
    const breather = new Breather();
    const release = (descriptor: Descriptor) => this.#targets.release(descriptor);
    const link = ([key, descriptor]: readonly [string, Descriptor]) =>
      failures.try(key, () => {
        this.#targets.use(descriptor);
        entries.set(key, descriptor);
        tree.link(key, descriptor);
      });
    try {
      await inSlices(wanted, link, breather);
      failures.check();
      tree.mark(generation);
      this.#place(tree);
    } catch (error) {
      await inSlices(entries.values(), release, breather);
      await this.#remove(tree.path);
      throw error;
    }
    const before = this.#entries;
    this.#tree = tree;
    this.#setEntries(entries);
    await inSlices(before.values(), release, breather);
    this.#cleanLater(old);
  }

  /**
   * Changes links one after the other, then the generation. First it sets, then it removes, so that a request always finds a
   * route: when /user/ada/x replaces /user/ada, one of them is there. A link that can't be set stops no other change, and is tried
   * again after the removals, which may have made room.
   */
  async change(set: Iterable<[string, Descriptor]>, remove: Iterable<string>, generation: number): Promise<void> {
    const breather = new Breather();
    await this.#targets.sweep(breather, MOST_SWEPT);
    const { left } = await this.#set(set, breather);
    await this.#unset(remove, breather);
    const { failures } = await this.#set(left, breather);
    if (this.#targets.unused > MOST_SWEPT) this.#cleanLater();
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

  /** `left`: those that failed. */
  async #set(entries: Iterable<readonly [string, Descriptor]>, breather: Breather) {
    const failures = new LinkFailures();
    const left: (readonly [string, Descriptor])[] = [];
    const set = (entry: readonly [string, Descriptor]) => {
      if (!failures.try(entry[0], () => this.#setOne(...entry))) left.push(entry);
    };
    await inSlices(entries, set, breather);
    return { failures, left };
  }

  #setOne(key: string, descriptor: Descriptor): void {
    const before = this.#entries.get(key);
    if (before === descriptor) return;
    this.#targets.use(descriptor);
    try {
      this.#tree.link(key, descriptor);
    } catch (error) {
      this.#targets.release(descriptor);
      throw error;
    }
    this.#entries.set(key, descriptor);
    if (before !== undefined) this.#targets.release(before);
  }

  async #unset(keys: Iterable<string>, breather: Breather): Promise<void> {
    const left = new Set<string>();
    let failure: unknown;
    for (const key of keys) {
      const before = this.#entries.get(key);
      if (before === undefined) continue;
      try {
        const folder = this.#tree.unlink(key);
        if (folder !== undefined) left.add(folder);
        this.#entries.delete(key);
        this.#targets.release(before);
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
    this.#targets = new LinkTargets(this.#dir, this.#links);
    const breather = new Breather();
    await this.#targets.startReading(breather);
    await this.#tree.read((key, descriptor, isAsNow) => {
      this.#entries.set(key, descriptor);
      this.#targets.use(descriptor);
      if (!isAsNow) this.#tree.link(key, descriptor);
    });
    await this.#targets.endReading(breather);
    if (this.#targets.unused > MOST_SWEPT) this.#cleanLater();
  }

  #setEntries(entries: Map<string, Descriptor>): void {
    this.#entries = entries;
    this.#round = entries.entries();
  }

  #place({ path }: LiveTree): void {
    this.#links.place(join(this.#dir, 'table'), basename(path));
  }

  /** What requests under way may still look at. Nobody waits for it; what a crash leaves, the next open() removes. */
  #cleanLater(old?: LiveTree): void {
    const clean = async () => {
      if (old && old.path !== this.#tree.path) await this.#remove(old.path);
      await this.#targets.sweep(new Breather());
    };
    setTimeout(() => void clean().catch(() => {}), LINGER_MS).unref();
  }

  /** Never rejects. */
  async #remove(path: string): Promise<void> {
    try {
      await discard(path);
    } catch {
      // The next open() tries again.
    }
  }
}
