import { Socket } from 'node:net';
import pg from 'pg';
import { SignalboxError } from '../../errors.ts';
import { codeOf, OutcomeUnknown, refused } from './failures.ts';
import { tlsOptions, tlsWays } from './tls.ts';
import { type Server, type Servers, shownServer } from './url.ts';

/** Runs one statement; what it refers to as $1, $2, … is in `values`. Rejects with STORE_FAILED, STORE_FULL or OutcomeUnknown. */
export type Query = <R>(text: string, values: readonly unknown[], deadlineMs: number) => Promise<R[]>;

interface SessionOptions {
  readonly servers: Servers;
  readonly server: Server;
  readonly name: string;
  readonly onNotification?: ((channel: string, payload: string) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Name lookup, TCP, TLS and password together. */
const CONNECT_MS = 3_000;
/** The time in which a transaction that is waiting for us gives its locks back. */
const BEGIN = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '2s'; SET LOCAL lock_timeout = '5s'";
const BEGIN_MS = 10_000;
const END_MS = 1_000;
const KEEPALIVE_MS = 10_000;
const OLDEST = 140_000;

const READ_ONLY = '25006';
const WRONG_PASSWORD = '28P01';
const INT8 = 20;

/** One session of a database that can be written to, from its first byte to its last. */
export class Session {
  readonly server: Server;
  readonly isEncrypted: boolean;
  /** Resolves with the reason. */
  readonly ended: Promise<string>;
  readonly #client: pg.Client;
  readonly #socket: Socket;
  #queue: Promise<unknown> = Promise.resolve();
  #end: string | undefined;
  /** What was said of why it may end. */
  #hearsay: string | undefined;

  /** Rejects with the reason why this server can't be used. */
  static async open(options: SessionOptions): Promise<Session> {
    const { servers, server, signal } = options;
    const found = servers.password(server);
    let failure: unknown;
    for (const tls of tlsWays(servers.tls, server.host)) {
      signal.throwIfAborted();
      const session = new Session(options, found.password, tls);
      try {
        await session.#connect(signal);
        return session;
      } catch (error) {
        session.destroy('it can not be used');
        failure = error;
        // libpq goes on to the next way unless there is nobody, or somebody who knows who asks.
        if (!session.#isThere || codeOf(error) === WRONG_PASSWORD || error instanceof SignalboxError) break;
      }
    }
    const asked = found.password === undefined && /^SASL/.test(messageOf(failure));
    const message = asked ? 'it asks for a password, and none is given' : messageOf(failure);
    throw new Error(found.problem ? `${message} (${found.problem})` : message);
  }

  /** Does anything answer? */
  #isThere = false;

  private constructor(
    { servers, server, name, onNotification }: SessionOptions,
    password: string | undefined,
    tls: boolean,
  ) {
    this.server = server;
    this.isEncrypted = tls;
    this.#socket = new Socket();
    this.#socket.once('connect', () => {
      this.#isThere = true;
    });
    this.#client = new pg.Client({
      ...server,
      user: servers.user,
      database: servers.database,
      // A function: pg would look for a missing one by itself, in its own way.
      password: () => password ?? '',
      ssl: tls && tlsOptions(servers.tls),
      sslnegotiation: 'postgres',
      application_name: name,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEPALIVE_MS,
      stream: () => this.#socket,
      types: { getTypeParser: typeParser },
    });
    forgetVariables(this.#client);
    this.#client.on('error', (error) => {
      // What comes later is that it has ended.
      this.#hearsay ??= messageOf(error);
    });
    this.#client.on('notification', ({ channel, payload = '' }) => onNotification?.(channel, payload));
    this.ended = new Promise((resolve) => {
      this.#client.once('end', () => {
        this.#end ??= this.#hearsay ?? 'it was closed from the other side';
        resolve(this.#end);
      });
    });
  }

  /** Why it has ended; undefined while it has not. */
  get reason(): string | undefined {
    return this.#end;
  }

  /** Statements are run one after the other, as they come. */
  query: Query = (text, values, deadlineMs) =>
    this.#inTurn(async () => (await this.#run(text, values, deadlineMs)).rows);

  /** Statements that are stored together or not at all; nothing else comes between them. */
  transaction<T>(work: (query: Query) => Promise<T>): Promise<T> {
    return this.#inTurn(async () => {
      await this.#run(BEGIN, [], BEGIN_MS);
      let result: T;
      try {
        result = await work(async (text, values, deadlineMs) => (await this.#run(text, values, deadlineMs)).rows);
      } catch (error) {
        // If this fails as well, the session ends, and the transaction with it.
        if (this.#end === undefined)
          await this.#run('ROLLBACK', [], BEGIN_MS).catch(() => this.destroy('it could not roll back'));
        throw error;
      }
      const { command } = await this.#run('COMMIT', [], BEGIN_MS);
      // PostgreSQL answers so when a statement had failed.
      if (command !== 'COMMIT') throw refused(this.#where, new Error('the transaction was rolled back'));
      return result;
    });
  }

  /** At once and without a word, which is all that a dead cable leaves. */
  destroy(reason: string): void {
    this.#end ??= reason;
    this.#socket.destroy();
  }

  /** After what is under way. */
  async end(): Promise<void> {
    await this.#queue;
    const timer = setTimeout(() => this.#socket.destroy(), END_MS);
    this.#end ??= 'it is closed';
    this.#client.end().catch(() => {});
    await this.ended;
    clearTimeout(timer);
  }

  get #where(): string {
    return `the database at ${shownServer(this.server)}`;
  }

  #inTurn<T>(job: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(job);
    this.#queue = done.catch(() => {});
    return done;
  }

  async #connect(signal: AbortSignal): Promise<void> {
    const abort = () => this.destroy('it is closed');
    const timer = setTimeout(() => {
      this.#isThere = false;
      this.destroy(`it did not answer within ${CONNECT_MS / 1_000} s`);
    }, CONNECT_MS);
    signal.addEventListener('abort', abort);
    try {
      await this.#client.connect();
      const why = unfit((await this.#run(FITNESS, [], CONNECT_MS)).rows[0]);
      if (why !== undefined) throw new SignalboxError('STORE_FAILED', why);
    } catch (error) {
      throw this.#end === undefined || error instanceof SignalboxError ? error : new Error(this.#end);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    }
  }

  async #run(text: string, values: readonly unknown[], deadlineMs: number): Promise<pg.QueryResult> {
    if (this.#end !== undefined)
      throw new SignalboxError('STORE_FAILED', `${this.#where} can't be reached: ${this.#end}`);
    const timer = setTimeout(() => this.destroy(`it did not answer within ${deadlineMs / 1_000} s`), deadlineMs);
    // pg's word for: the database is done with it, and waits for the next one.
    const ready = new Promise((resolve) => this.#client.once('drain', resolve));
    try {
      return await this.#client.query({ text, values: [...values] });
    } catch (error) {
      this.#hearsay = messageOf(error);
      await Promise.race([ready, this.ended]);
      if (this.#end !== undefined) throw new OutcomeUnknown(this.#where, this.#end);
      this.#hearsay = undefined;
      // It was the primary when we came.
      if (codeOf(error) === READ_ONLY) this.destroy('it has become read-only');
      throw refused(this.#where, error);
    } finally {
      clearTimeout(timer);
    }
  }
}

const FITNESS = `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS read_only,
  current_setting('transaction_isolation') AS isolation, current_setting('server_encoding') AS encoding,
  current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`;

/** Why a database can't be used that lets us in. */
function unfit({
  standby,
  read_only,
  isolation,
  encoding,
  version,
  number,
}: Record<string, unknown>): string | undefined {
  if (Number(number) < OLDEST) return `it is PostgreSQL ${version}, and 14 or newer is needed`;
  if (standby) return 'it is a standby, which can only be read';
  if (read_only !== 'off') return 'it is read-only (default_transaction_read_only)';
  if (isolation !== 'read committed')
    return `default_transaction_isolation is "${isolation}" there, "read committed" is needed`;
  if (encoding !== 'UTF8') return `its encoding is ${encoding}, UTF8 is needed`;
  return undefined;
}

/** All our numbers are exact as numbers; pg would give 64 bits as text. */
function typeParser(oid: number, format?: 'text' | 'binary') {
  return oid === INT8 ? Number : pg.types.getTypeParser(oid, format as 'text');
}

/** pg reads some variables of libpq that have no setting to keep it from that: poolers refuse options, and we are no replica. */
function forgetVariables(client: pg.Client): void {
  const { connectionParameters } = client as unknown as { connectionParameters: Record<string, unknown> };
  Object.assign(connectionParameters, { options: undefined, replication: undefined, client_encoding: 'UTF8' });
}

/** For a name with several addresses Node.js throws an error that has only others in it. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
