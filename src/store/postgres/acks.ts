import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import type { Replica } from '../fleet.ts';

interface AcksOptions {
  /** All other replicas that count now, as the database has them. */
  readonly others: () => Promise<readonly Pick<Replica, 'id' | 'name' | 'served'>[]>;
  /** How long after a look at the database the next one comes, while somebody waits, ms. */
  readonly pauseMs: () => number;
}

/** Waits until the proxies of all other replicas serve a generation. They say so by themselves; the database is asked who they are. */
export class Acks {
  readonly #options: AcksOptions;
  /** By replica: the newest generation that it was heard to serve. */
  readonly #served = new Map<string, number>();
  #news = Promise.withResolvers<void>();
  /** A look that has not begun yet: it sees whoever counts by now. */
  #next: Promise<readonly Pick<Replica, 'id' | 'name' | 'served'>[]> | undefined;
  #looking: Promise<unknown> = Promise.resolve();

  constructor(options: AcksOptions) {
    this.#options = options;
  }

  note(id: string, generation: number): void {
    if (generation <= (this.#served.get(id) ?? 0)) return;
    this.#served.set(id, generation);
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }

  /** Rejects with NOT_SERVED after `timeoutMs`, naming those that are missing. */
  async everywhere(generation: number, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      // After the commit, not before: a replica may just have joined.
      const { missing, problem } = await this.#missing(generation);
      if (missing.length === 0 && problem === undefined) return;
      const again = performance.now() + this.#options.pauseMs();
      const until = Math.min(again, deadline);
      while (performance.now() < until && (problem !== undefined || !this.#haveServed(missing, generation))) {
        await Promise.race([this.#news.promise, delay(until - performance.now())]);
      }
      if (problem === undefined && this.#haveServed(missing, generation)) return;
      if (performance.now() >= deadline) throw late(timeoutMs, missing, problem);
    }
  }

  async #missing(generation: number): Promise<{ missing: Pick<Replica, 'id' | 'name'>[]; problem?: string }> {
    try {
      const others = await this.#look();
      return { missing: others.filter(({ id, served }) => Math.max(served, this.#served.get(id) ?? 0) < generation) };
    } catch (error) {
      return { missing: [], problem: describeError(error) };
    }
  }

  #haveServed(replicas: readonly Pick<Replica, 'id'>[], generation: number): boolean {
    return replicas.every(({ id }) => (this.#served.get(id) ?? 0) >= generation);
  }

  /** Those who ask at the same time share a look. */
  #look() {
    this.#next ??= this.#looking.then(() => {
      this.#next = undefined;
      const look = this.#options.others();
      this.#looking = look.catch(() => {});
      return look;
    });
    return this.#next;
  }
}

function late(
  timeoutMs: number,
  missing: readonly Pick<Replica, 'name'>[],
  problem: string | undefined,
): SignalboxError {
  const who = missing.map(({ name }) => name).join(', ');
  const why = problem === undefined ? `by ${who}` : `as far as is known: ${problem}`;
  return new SignalboxError('NOT_SERVED', `stored, but not served within ${timeoutMs / 1000} s ${why}`, {
    hint: 'The change is kept. GET /status of each replica shows how it stands; one that has ended is not waited for much longer.',
  });
}
