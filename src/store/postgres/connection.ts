import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import { Complaint } from '../../system/complaint.ts';
import type { Log } from '../../system/log.ts';
import { type Query, Session } from './session.ts';
import { type Server, type Servers, shownServer } from './url.ts';

export interface ConnectionOptions {
  readonly servers: Servers;
  /** What it is for: the end of its name in pg_stat_activity, and in the log. */
  readonly name: string;
  /** Runs in each new session before anything else may use it: LISTEN, catch up. Its failure counts as the session's. */
  readonly onUp?: (session: Pick<Session, 'query' | 'transaction'>) => Promise<void>;
  /** There is a session, and anything may use it. */
  readonly onReady?: () => void;
  /** There is one again. */
  readonly onReturn?: () => void;
  /** What was up no longer is. */
  readonly onDown?: (reason: string) => void;
  readonly onNotification?: (channel: string, payload: string) => void;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

const SHORTEST_NAP_MS = 50;
const FIRST_NAP_MS = 100;
const LONGEST_NAP_MS = 2_000;
/** No more servers are tried in a second. */
const TRIES = 4;
const TRIES_MS = 1_000;

/** A session with the first of the servers that can be written to, and after its end with whichever that is then, for ever. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #closing = new AbortController();
  readonly #complaint = new Complaint();
  /** When the last servers were tried. */
  readonly #tries: number[] = [];
  #session: Session | undefined;
  #reason: string | undefined = 'it has not been tried yet';
  #isMissed = true;
  #wasUp = false;
  #running: Promise<void> | undefined;
  #hasSession = Promise.withResolvers<void>();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  get isUp(): boolean {
    return this.#session?.reason === undefined && this.#session !== undefined;
  }

  /** The one that it is connected to. */
  get server(): Server | undefined {
    return this.isUp ? this.#session?.server : undefined;
  }

  /** Why it is not up. */
  get reason(): string | undefined {
    return this.isUp ? undefined : (this.#session?.reason ?? this.#reason);
  }

  /** Resolves when there is a session; rejects when there has been none for `patienceMs`. */
  async whenUp(patienceMs: number): Promise<void> {
    if (this.isUp) return;
    const patience = new AbortController();
    const late = delay(patienceMs, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([this.#hasSession.promise, late]);
    patience.abort();
    this.#use();
  }

  /** Rejects at once while there is no session. After the deadline, which counts from its turn, the session is ended. */
  query: Query = async (text, values, deadlineMs) => this.#use().query(text, values, deadlineMs);

  /** Rejects like `query`. The database gives the transaction up when the next statement takes 2 s to come. */
  async transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#use().transaction(work);
  }

  /** Finishes what is under way. */
  async close(): Promise<void> {
    this.#reason = 'it is closed';
    const session = this.#session;
    this.#session = undefined;
    this.#closing.abort();
    await session?.end();
    await this.#running;
  }

  #use(): Session {
    const { reason } = this;
    if (this.#session && reason === undefined) return this.#session;
    throw new SignalboxError('STORE_FAILED', `the database at ${this.#where} can't be reached: ${reason}`, {
      hint: 'Nothing was changed. Signalbox tries to reach it all the time.',
    });
  }

  get #where(): string {
    return this.#options.servers.hosts.map(shownServer).join(', ');
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures++) {
      const session = await this.#open();
      if (session) {
        failures = 0;
        this.#up(session);
        this.#down(await session.ended);
      }
      await delay(napMs(failures), undefined, { signal }).catch(() => {});
    }
  }

  /** With the first server that will do; undefined when there is none. */
  async #open(): Promise<Session | undefined> {
    const { hosts } = this.#options.servers;
    const reasons: string[] = [];
    for (const server of hosts) {
      await this.#turn();
      if (this.#closing.signal.aborted) return undefined;
      try {
        return await this.#ready(server);
      } catch (error) {
        const reason = describeError(error);
        reasons.push(hosts.length === 1 ? reason : `${shownServer(server)}: ${reason}`);
      }
    }
    this.#complain(reasons.join('; '));
    return undefined;
  }

  async #ready(server: Server): Promise<Session> {
    const { servers, name, onUp, onNotification } = this.#options;
    const { signal } = this.#closing;
    const session = await Session.open({ servers, server, name: `signalbox ${name}`, onNotification, signal });
    const abort = () => session.destroy('it is closed');
    signal.addEventListener('abort', abort);
    try {
      await onUp?.(session);
      if (session.reason !== undefined) throw new Error(session.reason);
      return session;
    } catch (error) {
      session.destroy('it was of no use');
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #up(session: Session): void {
    this.#session = session;
    const { name, log } = this.#options;
    if (this.#isMissed)
      log.info({ event: 'recovery', server: shownServer(session.server) }, `connected to the database (${name})`);
    this.#isMissed = false;
    this.#hasSession.resolve();
    this.#hasSession = Promise.withResolvers();
    this.#options.onReady?.();
    if (this.#wasUp) this.#options.onReturn?.();
    this.#wasUp = true;
  }

  #down(reason: string): void {
    // It was us.
    if (this.#closing.signal.aborted) return;
    this.#session = undefined;
    this.#options.onDown?.(reason);
    this.#complain(reason);
  }

  #complain(reason: string): void {
    if (this.#closing.signal.aborted) return;
    this.#reason = reason;
    // Whatever the reason: several servers that are tried in turn, or one that comes and goes, have a new one each time.
    if (!this.#complaint.isNews('', Date.now())) return;
    const { name, log } = this.#options;
    this.#isMissed = true;
    log.warn({ event: 'failure', reason }, `the database at ${this.#where} can't be used (${name}): ${reason}`);
  }

  /** Waits until another server may be tried. */
  async #turn(): Promise<void> {
    const oldest = this.#tries.length < TRIES ? undefined : this.#tries.shift();
    const wait = oldest === undefined ? 0 : oldest + TRIES_MS - performance.now();
    if (wait > 0) await delay(wait, undefined, { signal: this.#closing.signal }).catch(() => {});
    this.#tries.push(performance.now());
  }
}

/** Longer from time to time, and by chance, so that not all replicas come at once. */
function napMs(failures: number): number {
  const longest = Math.min(LONGEST_NAP_MS, FIRST_NAP_MS * 2 ** failures);
  return SHORTEST_NAP_MS + Math.random() * (longest - SHORTEST_NAP_MS);
}
