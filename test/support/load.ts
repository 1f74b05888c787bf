import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { onCleanup } from './cleanup.ts';
import { type RawResponse, ResponseReader } from './http-response.ts';
import { type Address, connect, requestBytes } from './raw-http.ts';

export interface LoadOptions {
  /** Where to: `http://127.0.0.1:8000`, or `https://`. */
  readonly url: string;
  /** Paths to ask for, in turn, exactly as given; a function is asked each time. */
  readonly paths: readonly string[] | (() => string);
  /** Kept-alive connections, each with one request at a time; 4 unless given. */
  readonly connections?: number;
  /** Milliseconds of rest after each answer; 0 unless given. Two cores have to do for all of a test. */
  readonly pause?: number;
  /** Ends the load: a promise that settles, or a signal. Without it `stop` does. */
  readonly until?: Promise<unknown> | AbortSignal;
  /** A request that failed is sent once more, as a client may do it: only when that fails, too, it counts as failed. */
  readonly secondTry?: boolean;
  /** Is that a good answer? Any 200 is, unless given. */
  readonly isGood?: (response: RawResponse, path: string) => boolean;
}

export interface Failure {
  readonly path: string;
  /** `status 502`, `cut off`, or the socket's error. */
  readonly what: string;
  /** Milliseconds since the load began. */
  readonly at: number;
}

export interface LoadReport {
  readonly requests: number;
  /** All that went wrong; the first 20 are in `failures`. */
  readonly failed: number;
  readonly failures: readonly Failure[];
  /**
   * Requests sent again because a kept-alive connection turned out to be closed before a byte of the answer. No failure
   * (RFC 9112, 9.3.1: a client retries by itself then); still 0 as long as nginx isn't reloaded. With `secondTry` all second tries.
   */
  readonly retried: number;
  /** Longest time without any good answer, in milliseconds. */
  readonly maxGap: number;
  readonly seconds: number;
}

export interface Load {
  /** Ends the requests that run, then reports. */
  stop(): Promise<LoadReport>;
  /** Resolves when `until` has ended it, or `stop`. */
  readonly done: Promise<LoadReport>;
}

/** Runs requests until told to stop; resolves with the report. */
export function load(options: LoadOptions & { until: Promise<unknown> | AbortSignal }): Promise<LoadReport> {
  return startLoad(options).done;
}

/** Starts requests in the background. */
export function startLoad(options: LoadOptions): Load {
  const { protocol, hostname, port } = new URL(options.url);
  const tls = protocol === 'https:';
  const address: Address = { host: hostname.replace(/[[\]]/g, ''), port: Number(port) || (tls ? 443 : 80), tls };
  const started = performance.now();
  const failures: Failure[] = [];
  const counts = { requests: 0, failed: 0, retried: 0 };
  let lastGood = started;
  let maxGap = 0;
  let stopping = false;
  let turn = 0;
  const nextPath = () => {
    if (typeof options.paths === 'function') return options.paths();
    return options.paths[turn++ % options.paths.length] ?? '/';
  };

  async function runConnection(): Promise<void> {
    const connection = new Connection(address);
    while (!stopping) {
      const path = nextPath();
      const problem = await ask(connection, path);
      const now = performance.now();
      counts.requests += 1;
      if (problem === undefined) {
        maxGap = Math.max(maxGap, now - lastGood);
        lastGood = now;
      } else {
        counts.failed += 1;
        if (failures.length < 20) failures.push({ path, what: problem, at: Math.round(now - started) });
      }
      if (options.pause) await delay(options.pause);
    }
    connection.close();
  }

  /** Undefined when all is well. */
  async function ask(connection: Connection, path: string): Promise<string | undefined> {
    const problem = await askOnce(connection, path);
    if (problem === undefined || !options.secondTry) return problem;
    counts.retried += 1;
    return askOnce(connection, path);
  }

  async function askOnce(connection: Connection, path: string): Promise<string | undefined> {
    try {
      let response = await connection.get(path);
      if (!response) {
        counts.retried += 1;
        response = await connection.get(path);
      }
      if (!response?.complete) return 'cut off';
      const good = options.isGood?.(response, path) ?? response.status === 200;
      return good ? undefined : `status ${response.status}`;
    } catch (error) {
      return (error as Error).message;
    }
  }

  const all = Promise.all(Array.from({ length: options.connections ?? 4 }, runConnection));
  const done = all.then(() => {
    const end = performance.now();
    return { ...counts, failures, maxGap: Math.max(maxGap, end - lastGood), seconds: (end - started) / 1000 };
  });
  const stop = () => {
    stopping = true;
    return done;
  };
  onCleanup(stop);
  if (options.until instanceof AbortSignal) options.until.addEventListener('abort', stop);
  else options.until?.then(stop, stop);
  return { stop, done };
}

/** One kept-alive connection, opened anew when it is gone. */
class Connection {
  readonly #address: Address;
  #socket: Socket | undefined;

  constructor(address: Address) {
    this.#address = address;
  }

  close(): void {
    this.#socket?.destroy();
  }

  /** Undefined when a connection that had served before was closed without a byte of an answer. */
  get(target: string): Promise<RawResponse | undefined> {
    const reused = this.#socket !== undefined;
    this.#socket ??= connect(this.#address);
    const socket = this.#socket;
    const reader = new ResponseReader();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => fail(new Error('no answer within 30 s')), 30_000);
      const release = (keepAlive: boolean) => {
        clearTimeout(timer);
        socket.removeAllListeners().on('error', () => undefined);
        const forget = () => {
          if (this.#socket === socket) this.#socket = undefined;
        };
        if (keepAlive) {
          // Closed while idle: the next request opens a new one, as any client does.
          socket.on('close', forget);
        } else {
          socket.destroy();
          forget();
        }
      };
      const finish = (response: RawResponse) => {
        release(response.keepAlive);
        resolve(response);
      };
      const fail = (error: Error) => {
        release(false);
        if (reused && !reader.started) resolve(undefined);
        else reject(error);
      };
      socket.removeAllListeners();
      socket.on('error', fail);
      socket.on('data', (chunk: Buffer) => {
        try {
          const response = reader.push(chunk);
          if (response) finish(response);
        } catch (error) {
          fail(error as Error);
        }
      });
      socket.on('end', () => {
        const response = reader.end();
        if (response) finish(response);
        else fail(new Error('the connection was closed without an answer'));
      });
      socket.write(requestBytes({ ...this.#address, target }, 'keep-alive'));
    });
  }
}
