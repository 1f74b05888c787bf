import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './http.ts';
import { type Stats, Window } from './stats.ts';
import { BACKEND_HEADER } from './users.ts';

/** Names of users there are, each a route or none: `/user/demo-0/` to `/user/demo-399/`. */
export const USERS = 400;
const WORKERS = 4;
/** Milliseconds from one change to the next of a worker: some 80 changes a second together. */
const PACE = 50;

export interface ChurnOptions {
  readonly publicUrl: string;
  readonly apiUrl: string;
  readonly token: string;
  /** The users' servers, to which routes lead in turn. */
  readonly targets: readonly string[];
  readonly stats: Stats;
}

/** Adds, moves and removes routes all the time, and checks each change by the very next request through nginx. */
export class Churn {
  readonly #options: ChurnOptions;
  readonly #routes = new Map<number, string>();
  readonly #latencies = new Window(2_000);
  #fresh: number[] = [];
  #stopping = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: ChurnOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = Promise.all(Array.from({ length: WORKERS }, (_, worker) => this.#work(worker)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** Milliseconds from sending a POST until its 201, of the last 2,000. */
  percentiles(...ranks: number[]): (number | undefined)[] {
    return this.#latencies.percentiles(...ranks);
  }

  /** The same, one by one, since this was last asked. */
  takeLatencies(): number[] {
    const taken = this.#fresh;
    this.#fresh = [];
    return taken;
  }

  /** Which users have a route: one bit each, four to a hexadecimal digit, demo-0 first. */
  lamps(): string {
    let digits = '';
    for (let user = 0; user < USERS; user += 4) {
      const bits = [0, 1, 2, 3].reduce((sum, bit) => sum + (this.#routes.has(user + bit) ? 8 >> bit : 0), 0);
      digits += bits.toString(16);
    }
    return digits;
  }

  /** Each worker has users of its own, so that no two changes of one route are under way at once. */
  async #work(worker: number): Promise<void> {
    const users = Array.from({ length: USERS / WORKERS }, (_, index) => worker + index * WORKERS);
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const next = delay(PACE, undefined, { signal }).catch(() => undefined);
      try {
        await this.#change(users);
      } catch {
        // The daemon is gone or going: whoever watches it says so.
        this.#options.stats.failed += 1;
      }
      await next;
    }
  }

  async #change(users: readonly number[]): Promise<void> {
    const present = users.filter((user) => this.#routes.has(user));
    const absent = users.filter((user) => !this.#routes.has(user));
    // The table grows and shrinks within a minute or so: 5 % to 95 % of the users have a route.
    const wanted = users.length * (0.5 - 0.45 * Math.cos(performance.now() / 10_000));
    const moved = Math.random() < 0.2 ? pick(present) : undefined;
    const user = moved ?? (present.length < wanted ? pick(absent) : pick(present));
    if (user === undefined) return;
    if (moved !== undefined || !this.#routes.has(user)) await this.#add(user);
    else await this.#remove(user);
  }

  async #add(user: number): Promise<void> {
    const { targets, stats } = this.#options;
    const target = pick(targets.filter((one) => one !== this.#routes.get(user))) ?? '';
    const sent = performance.now();
    const { status } = await this.#api('POST', user, JSON.stringify({ target, user: `demo-${user}`, server_name: '' }));
    const latency = performance.now() - sent;
    if (status !== 201) {
      stats.failed += 1;
      return;
    }
    stats.changes += 1;
    this.#routes.set(user, target);
    this.#latencies.add(latency);
    this.#fresh.push(Math.round(latency * 100) / 100);
    if ((await this.#whoAnswers(user)) !== target) stats.wrong += 1;
  }

  async #remove(user: number): Promise<void> {
    const { stats } = this.#options;
    const { status } = await this.#api('DELETE', user);
    if (status !== 204) {
      stats.failed += 1;
      return;
    }
    stats.changes += 1;
    this.#routes.delete(user);
    // Without a route of its own the request goes to the root route, the page's server.
    if ((await this.#whoAnswers(user)) !== undefined) stats.wrong += 1;
  }

  #api(method: string, user: number, body?: string) {
    const { apiUrl, token } = this.#options;
    const headers = { Authorization: `token ${token}` };
    return ask(`${apiUrl}/api/routes/user/demo-${user}`, { method, headers, ...(body === undefined ? {} : { body }) });
  }

  /** The user's server that answers through nginx; undefined when it is none of them. */
  async #whoAnswers(user: number): Promise<unknown> {
    return (await ask(`${this.#options.publicUrl}/user/demo-${user}/`)).headers[BACKEND_HEADER];
  }
}

function pick<T>(from: readonly T[]): T | undefined {
  return from[Math.floor(Math.random() * from.length)];
}
