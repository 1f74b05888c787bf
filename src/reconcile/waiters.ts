import type { Route } from '../routes/route.ts';

interface Waiter {
  readonly generation: number;
  readonly routes: readonly Route[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Requests that wait until the proxy serves a generation, each with its own deadline. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Resolves when `wake` tells of `generation`; rejects with `late()` after `timeoutMs`. `routes`: what was set. */
  wait(generation: number, routes: readonly Route[], timeoutMs: number, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(late());
      }, timeoutMs);
      const waiter: Waiter = { generation, routes, resolve, reject, timer };
      this.#waiting.add(waiter);
    });
  }

  /**
   * Wakes all that waited for `generation` or an earlier one, except those that have set a key of `left`. `refused` gives the error
   * for those that have set a refused route.
   */
  wake(generation: number, left: ReadonlySet<string>, refused: (routes: readonly Route[]) => Error | undefined): void {
    for (const waiter of this.#waiting) {
      if (waiter.generation > generation) continue;
      const error = refused(waiter.routes);
      if (!error && left.size > 0 && waiter.routes.some(({ key }) => left.has(key))) continue;
      this.#forget(waiter);
      if (error) waiter.reject(error);
      else waiter.resolve();
    }
  }

  rejectAll(error: Error): void {
    for (const waiter of this.#waiting) {
      this.#forget(waiter);
      waiter.reject(error);
    }
  }

  #forget(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#waiting.delete(waiter);
  }
}
