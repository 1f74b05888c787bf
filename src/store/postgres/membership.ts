import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../../errors.ts';
import type { Log } from '../../system/log.ts';
import type { Fleet, FleetStatus } from '../fleet.ts';
import { Acks } from './acks.ts';
import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';
import { whoHasLease } from './peers.ts';
import {
  ack,
  heartbeat,
  isAwaited,
  join,
  type Leases,
  leave,
  type Peer,
  peers,
  type Replica,
  serving,
} from './replicas.ts';
import { head } from './statements.ts';

export interface MembershipOptions {
  readonly connection: Connection;
  readonly schema: string;
  readonly feed: Feed;
  readonly self: Replica;
  readonly leases: Leases;
  readonly ack: FleetStatus['ack'];
  /** The URL of the database without its password. */
  readonly database: string;
  /** The others served a change, or were given up, so long after it was stored. */
  readonly onWait?: (seconds: number) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Without LISTEN, how often it is looked for changes, and for acknowledgements that somebody waits for, ms. */
const POLL_MS = 100;
const POLL_ACKS_MS = 25;
/** With it, in case a word is lost. */
const LOOK_AGAIN_MS = 250;
/** How long a look may take, ms. */
const LOOK_MS = 1_500;

/** By both clocks: one stands still while a machine sleeps. */
interface Moment {
  readonly steady: number;
  readonly wall: number;
}

const NEVER: Moment = { steady: Number.NEGATIVE_INFINITY, wall: Number.NEGATIVE_INFINITY };

/**
 * This replica among those that share the database. Its row says which generation its proxy serves, and for how long the others wait for
 * it: a lease on the database's clock, which it renews all the time.
 */
export class Membership implements Fleet {
  readonly #options: MembershipOptions;
  readonly #acks: Acks;
  readonly #ending = new AbortController();
  #peers: readonly Peer[] = [];
  /** When the last good heartbeat began. */
  #good = NEVER;
  /** When it last looked around: the end of a heartbeat, or of a question to the others. */
  #looked = NEVER;
  #isListening: boolean | undefined;
  /** Do the others wait for it, as long as it has its lease? */
  #isIn = false;
  #isLeaving = false;
  #entering: Promise<void> | undefined;
  #beating: Promise<unknown> | undefined;
  #acking: Promise<void> | undefined;
  #served = 0;
  #acked = 0;
  #servedMore = Promise.withResolvers<void>();
  /** Who said last that it reaches the database, while it was out of reach for this one. */
  #cutOff: string | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { connection, schema, self, leases } = options;
    this.#acks = new Acks({
      others: async () => {
        // After an outage it is a heartbeat that gives the others back their leases.
        if (!this.#hasLease) await this.#sayWord();
        return (await peers(connection.query, schema)).filter((one) => one.id !== self.id && isAwaited(one, leases));
      },
      pauseMs: () => (this.#isListening ? LOOK_AGAIN_MS : POLL_ACKS_MS),
    });
  }

  start(): void {
    this.#options.connection.start();
    this.#beating ??= Promise.all([this.#beatOn(), this.#askOn()]);
  }

  /** There is another session, which listens unless a heartbeat finds that it does not. */
  connected(): void {
    this.#isListening = undefined;
    // What was said meanwhile is known from the table.
    this.#options.feed.hint();
  }

  /** What was said on one of the channels (statements.ts). */
  heard(payload: string): void {
    const [kind, replica = '', generation] = payload.split(' ');
    if (kind === 'c' && replica !== this.#options.self.id) this.#options.feed.hint(Number(generation));
    if (kind === 'a') this.#acks.note(replica, Number(generation));
  }

  served(generation: number): void {
    this.#served = Math.max(this.#served, generation);
    this.#servedMore.resolve();
    this.#servedMore = Promise.withResolvers();
    this.#acknowledge();
  }

  async everywhere(generation: number, timeoutMs: number): Promise<void> {
    const { ack: whose, onWait } = this.#options;
    if (whose !== 'all') return;
    const began = performance.now();
    try {
      await this.#acks.everywhere(generation, timeoutMs);
    } finally {
      onWait?.((performance.now() - began) / 1000);
    }
  }

  get lease(): boolean {
    return this.#hasLease && this.#isIn;
  }

  get notReady(): string | undefined {
    if (this.#isLeaving) return 'it is about to end';
    // Without the database it may serve what it had: the table of the others, or at a start a copy.
    const hadTable = this.#isIn || this.#options.feed.at === undefined;
    if (this.#hasLease ? !this.#isIn : !hadTable) return 'it is joining the other replicas';
    if (this.#mayBeAll) return undefined;
    const problem = this.#options.connection.reason ?? 'it does not answer';
    // What was said long ago, as before this machine was paused, says nothing.
    if (!isWithin(this.#options.leases.leaseMs, this.#looked)) {
      return `the database is out of reach (${problem}), and it is not known yet whether it is for the others`;
    }
    return this.#cutOff && `cut off from the database, which ${this.#cutOff} reaches: ${problem}`;
  }

  status(): FleetStatus {
    const { database, ack: whose, connection, feed, self, leases } = this.#options;
    return {
      database,
      problem: connection.reason ?? null,
      staleSeconds: this.#hasLease ? 0 : Math.round((performance.now() - feed.checked) / 1000),
      lease: this.lease,
      // Until a heartbeat has looked it is as it was asked for.
      listening: connection.isUp && this.#isListening !== false,
      ack: whose,
      replicas: this.#peers.map((one) => ({
        ...{
          id: one.id,
          name: one.name,
          version: one.version,
          api: one.api ?? null,
          state: one.state,
          served: one.served,
        },
        leaseSeconds: Math.round(one.leaseMs / 100) / 10,
        awaited: isAwaited(one, leases),
        self: one.id === self.id,
      })),
    };
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    await delay(this.#options.leases.leaveMs);
  }

  async stop(): Promise<void> {
    this.#isLeaving = true;
    this.#ending.abort();
    await Promise.all([this.#beating, this.#entering, this.#acking]);
    const { connection, schema, self, log } = this.#options;
    await leave(connection.query, schema, self.id).catch((error) =>
      log.info({ reason: describeError(error) }, 'the other replicas will notice the end by themselves'),
    );
    await connection.close();
  }

  get #hasLease(): boolean {
    return isWithin(this.#options.leases.leaseMs, this.#good);
  }

  /**
   * When the database goes away, the leases of all end within one heartbeat. So long, one that still has its own says nothing: all would leave
   * the balancer at the same time.
   */
  get #mayBeAll(): boolean {
    return isWithin(this.#certainMs, this.#good);
  }

  get #certainMs(): number {
    return this.#options.leases.leaseMs + this.#beatMs;
  }

  async #beatOn(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const next = performance.now() + this.#beatMs;
      await this.#beat();
      do {
        const pause = Math.max(0, next - performance.now());
        const isDeaf = this.#isListening === false && this.#options.connection.isUp;
        await delay(isDeaf ? Math.min(POLL_MS, pause) : pause, undefined, { signal }).catch(() => {});
        if (isDeaf) await this.#look();
      } while (performance.now() < next && !signal.aborted);
    }
  }

  get #beatMs(): number {
    return this.#options.leases.leaseMs / 3;
  }

  async #beat(): Promise<void> {
    const { connection, schema } = this.#options;
    try {
      await this.#sayWord();
      if (!this.#isIn) this.#enter();
      this.#peers = await peers(connection.query, schema);
    } catch {
      // The connection says why.
    }
    // Later the others are to be asked.
    if (this.#mayBeAll) this.#looked = now();
  }

  /**
   * Once it is certain that the leases of all have ended, if it is the database that is away: does one of the others still have its own? Beside the
   * heartbeats, which may take their time on a dead cable.
   */
  async #askOn(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const certain = this.#good.steady + this.#certainMs - performance.now();
      if (certain > 0) {
        await delay(certain, undefined, { signal }).catch(() => {});
        continue;
      }
      const began = now();
      const cutOff = await whoHasLease(this.#others());
      if (this.#good.steady < began.steady) this.#cutOff = cutOff;
      this.#looked = began;
      await delay(this.#beatMs, undefined, { signal }).catch(() => {});
    }
  }

  async #sayWord(): Promise<void> {
    const { connection, schema, feed, self, leases } = this.#options;
    const began = now();
    const word = await heartbeat(connection.query, schema, { id: self.id, served: this.#served }, leases);
    // The others have not waited for it for a while: changes may have been answered that its proxy does not serve.
    if (!word?.counted) this.#isIn = false;
    this.#good = began;
    this.#cutOff = undefined;
    if (!word) return;
    this.#tellWhetherDeaf(word.listening);
    feed.heard(word, began.steady);
  }

  /** Of those that were there last. */
  #others(): Peer[] {
    return this.#peers.filter(({ id }) => id !== this.#options.self.id);
  }

  /** Where nothing is heard: has the table changed? */
  async #look(): Promise<void> {
    const { connection, schema, feed } = this.#options;
    const began = performance.now();
    const at = await head(connection.query, schema, LOOK_MS).catch(() => undefined);
    if (at) feed.heard(at, began);
  }

  #tellWhetherDeaf(listening: boolean): void {
    if (this.#isListening !== listening && !listening) {
      this.#options.log.warn(
        {},
        'the database does not tell of changes, as behind a pooler such as PgBouncer: it is asked ten times a second. ' +
          'database-listen takes its URL without the pooler',
      );
    }
    // A pooler gives one session after the other to a heartbeat, the one that listens among them.
    this.#isListening = listening && this.#isListening !== false;
  }

  /** One that is not known, or was given up, is not waited for until its proxy serves all there is. */
  #enter(): void {
    if (this.#isLeaving) return;
    // Where that fails, the next heartbeat tries again.
    this.#entering ??= this.#tryToEnter()
      .catch(() => {})
      .finally(() => {
        this.#entering = undefined;
      });
  }

  async #tryToEnter(): Promise<void> {
    const { connection, schema, self, leases, log } = this.#options;
    await join(connection.query, schema, self, leases);
    await this.#serveAll();
    // Whoever commits after this waits for it; what was committed before is in the next look.
    if (!(await serving(connection.query, schema, self.id))) return;
    await this.#serveAll();
    this.#isIn = true;
    log.info({ generation: this.#served }, 'takes part: changes are answered when this replica serves them, too');
  }

  async #serveAll(): Promise<void> {
    const { feed } = this.#options;
    await feed.catchUp();
    const wanted = feed.at?.generation ?? 0;
    const { signal } = this.#ending;
    const ended = new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    while (this.#served < wanted) {
      await Promise.race([this.#servedMore.promise, ended]);
      signal.throwIfAborted();
    }
    await this.#tell();
  }

  /** One at a time: what is served meanwhile goes with the next one. Of its own changes nobody else has to hear. */
  #acknowledge(): void {
    if (!this.#hasLease || this.#options.feed.foreign <= this.#acked) return;
    this.#acking ??= this.#tell().then(
      () => {
        this.#acking = undefined;
        this.#acknowledge();
      },
      () => {
        // The next heartbeat says it, too.
        this.#acking = undefined;
      },
    );
  }

  async #tell(): Promise<void> {
    const { connection, schema, self, leases } = this.#options;
    const [from, served] = [this.#acked, this.#served];
    await ack(connection.query, schema, { id: self.id, from, served }, leases);
    this.#acked = Math.max(this.#acked, served);
  }
}

function now(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

function isWithin(ms: number, { steady, wall }: Moment): boolean {
  return performance.now() - steady < ms && Date.now() - wall < ms;
}
