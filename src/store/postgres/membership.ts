import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../../errors.ts';
import { Complaint } from '../../system/complaint.ts';
import { guarded } from '../../system/guarded.ts';
import type { Log } from '../../system/log.ts';
import type { Fleet, FleetStatus, Replica } from '../fleet.ts';
import { Acks } from './acks.ts';
import type { Connection } from './connection.ts';
import type { Feed } from './feed.ts';
import { whoHasLease } from './peers.ts';
import type { Statements } from './statements.ts';

export interface MembershipOptions {
  readonly connection: Connection;
  readonly statements: Statements;
  readonly feed: Feed;
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly api: string | undefined;
  /** The URL of the database without its password. */
  readonly database: string;
  readonly ack: 'all' | 'own';
  readonly leaseMs: number;
  readonly leaveMs: number;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

/** Without LISTEN, how often it is looked for changes, and for acknowledgements that somebody waits for, ms. */
const POLL_MS = 100;
const POLL_ACKS_MS = 25;
/** With it, in case a word is lost. */
const LOOK_AGAIN_MS = 250;

/**
 * This replica among those that share the database. Its row says which generation its proxy serves, and for how long the others wait for
 * it: a lease on the database's clock, which it renews all the time.
 */
export class Membership implements Fleet {
  readonly #options: MembershipOptions;
  readonly #acks: Acks;
  readonly #ending = new AbortController();
  readonly #complaint = new Complaint();
  #replicas: readonly Replica[] = [];
  /** When the last good heartbeat began: both clocks, as one stands still while a machine sleeps. */
  #good = { steady: Number.NEGATIVE_INFINITY, wall: 0 };
  #isListening = false;
  /** Is there a row of ours that others wait for? */
  #isIn = false;
  #entering: Promise<void> | undefined;
  #isLeaving = false;
  #served = 0;
  #acked = 0;
  #acking: Promise<void> | undefined;
  #servedMore = Promise.withResolvers<void>();
  /** What the others have said of the database when it was last out of our reach. */
  #asked: { at: number; cutOff: string | undefined } | undefined;
  #beating: Promise<void> | undefined;

  constructor(options: MembershipOptions) {
    this.#options = options;
    const { connection, statements, id, leaveMs } = options;
    this.#acks = new Acks({
      others: () => statements.counting(connection, { id, leaveMs }),
      pauseMs: () => (this.#isListening ? LOOK_AGAIN_MS : POLL_ACKS_MS),
    });
  }

  start(): void {
    this.#beating ??= this.#beatOn();
  }

  /** What the channels of the database say. */
  heard(payload: string): void {
    const [kind, replica = '', generation] = payload.split(' ');
    if (kind === 'c' && replica !== this.#options.id) this.#options.feed.hint(Number(generation));
    if (kind === 'a') this.#acks.note(replica, Number(generation));
  }

  served(generation: number): void {
    this.#served = Math.max(this.#served, generation);
    this.#servedMore.resolve();
    this.#servedMore = Promise.withResolvers();
    this.#acknowledge();
  }

  async everywhere(generation: number, timeoutMs: number): Promise<void> {
    if (this.#options.ack === 'all') await this.#acks.everywhere(generation, timeoutMs);
  }

  get notReady(): string | undefined {
    if (this.#isLeaving) return 'it is about to end';
    if (this.#hasLease) return this.#isIn ? undefined : 'it is joining the other replicas';
    const problem = this.#options.connection.reason ?? 'it does not answer';
    // A machine that was paused does not know yet.
    if (!this.#asked || performance.now() - this.#asked.at > this.#beatMs * 3) {
      return `the database is out of reach (${problem}), and whether it is for the others is not known yet`;
    }
    const { cutOff } = this.#asked;
    return cutOff && `cut off from the database, which ${cutOff} reaches: ${problem}`;
  }

  /** Do the others wait for this replica? */
  get lease(): boolean {
    return this.#hasLease && this.#isIn;
  }

  status(): FleetStatus {
    const { database, ack, connection, feed } = this.#options;
    return {
      database,
      problem: connection.reason ?? null,
      staleSeconds: this.#hasLease ? 0 : Math.round((performance.now() - feed.checked) / 1000),
      lease: this.lease,
      listening: this.#isListening,
      ack,
      replicas: this.#replicas,
    };
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    await delay(this.#options.leaveMs);
  }

  async stop(): Promise<void> {
    this.#isLeaving = true;
    this.#ending.abort();
    await this.#beating;
    await this.#entering;
    await this.#acking;
    const { connection, statements, id, log } = this.#options;
    await statements
      .leave(connection, { id })
      .catch((error) => log.info({ reason: describeError(error) }, 'the other replicas will notice the end by themselves'));
  }

  get #hasLease(): boolean {
    const { leaseMs } = this.#options;
    return performance.now() - this.#good.steady < leaseMs && Date.now() - this.#good.wall < leaseMs;
  }

  get #beatMs(): number {
    return this.#options.leaseMs / 3;
  }

  async #beatOn(): Promise<void> {
    const { signal } = this.#ending;
    const beat = guarded(this.#options.log, 'a word with the database', () => this.#beat());
    while (!signal.aborted) {
      const next = performance.now() + this.#beatMs;
      await beat();
      do {
        const pause = Math.max(0, next - performance.now());
        await delay(this.#isListening ? pause : Math.min(POLL_MS, pause), undefined, { signal }).catch(() => {});
        if (!this.#isListening) await this.#look();
      } while (performance.now() < next && !signal.aborted);
    }
  }

  async #beat(): Promise<void> {
    const { connection, statements, feed, id, leaseMs, leaveMs } = this.#options;
    const [began, wall] = [performance.now(), Date.now()];
    try {
      const word = await statements.beat(connection, { id, leaseMs, leaveMs, served: this.#served });
      this.#replicas = word.replicas.map((one) => ({ ...one, self: one.id === id }));
      this.#good = { steady: began, wall };
      this.#tellOfListening(word.listening);
      feed.heard(word.position, began);
      // The others have not waited for it for a while: changes may have been answered that its proxy does not serve.
      if (!word.counted) this.#isIn = false;
      if (!this.#isIn) this.#enter();
    } catch {
      // The connection tells of it.
    }
    if (!this.#hasLease && !this.#entering) await this.#askOthers();
  }

  /** Where nothing is heard: has the table changed? */
  async #look(): Promise<void> {
    const { connection, statements, feed } = this.#options;
    if (!connection.isUp) return;
    const began = performance.now();
    await statements.position(connection).then(
      (position) => feed.heard(position, began),
      () => {},
    );
  }

  async #askOthers(): Promise<void> {
    const others = this.#replicas.filter(({ self }) => !self);
    this.#asked = { at: performance.now(), cutOff: await whoHasLease(others) };
  }

  #tellOfListening(listening: boolean): void {
    const { log } = this.#options;
    if (this.#isListening !== listening && !listening && this.#complaint.isNews('deaf', Date.now())) {
      log.warn(
        {},
        'the database does not tell of changes, as behind a pooler such as PgBouncer: it is asked ten times a second. ' +
          'database-listen takes the URL of the database without the pooler',
      );
    }
    this.#isListening = listening;
  }

  /** A replica that is not known, or that the others have given up, is not waited for until its proxy serves all there is. */
  #enter(): void {
    if (this.#isLeaving) return;
    this.#entering ??= this.#tryToEnter()
      .catch(() => {
        // The next heartbeat tries again.
      })
      .finally(() => {
        this.#entering = undefined;
      });
  }

  async #tryToEnter(): Promise<void> {
    const { connection, statements, id, name, version, api, leaseMs, log } = this.#options;
    await statements.join(connection, { id, name, version, api, leaseMs });
    await this.#serveAll();
    // Whoever commits after this waits for us; what was committed before is in the next look.
    await statements.serving(connection, { id, served: this.#served, leaseMs });
    await this.#serveAll();
    this.#isIn = true;
    log.info({ generation: this.#served }, 'takes part: changes are answered when this replica serves them, too');
  }

  async #serveAll(): Promise<void> {
    const { feed } = this.#options;
    await feed.catchUp();
    const wanted = feed.at?.generation ?? 0;
    while (this.#served < wanted) {
      this.#ending.signal.throwIfAborted();
      await Promise.race([this.#servedMore.promise, this.#ended]);
    }
    await this.#tell();
  }

  get #ended(): Promise<void> {
    const { signal } = this.#ending;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  }

  /** One at a time; what is served meanwhile is told with the next one. */
  #acknowledge(): void {
    if (!this.#hasLease && !this.#entering) return;
    if (this.#options.feed.foreign <= this.#acked) return;
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
    const { connection, statements, id, leaseMs } = this.#options;
    const [from, to] = [this.#acked, this.#served];
    await statements.ack(connection, { id, from, to, leaseMs });
    this.#acked = Math.max(this.#acked, to);
  }
}
