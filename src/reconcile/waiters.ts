interface Waiter {
  readonly generation: number;
  readonly keys: readonly string[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Whoever waits until the proxy serves a generation, each with a deadline of its own. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Resolves when `wake` tells of `generation`; rejects with `late()` after `timeoutMs`. `keys`: what was changed. */
  wait(generation: number, keys: readonly string[], timeoutMs: number, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(late());
      }, timeoutMs);
      const waiter: Waiter = { generation, keys, resolve, reject, timer };
      this.#waiting.add(waiter);
    });
  }

  /**
   * Everyone who waited for `generation` or an earlier one, but who has changed a key of `left` waits on. `refused` gives the error
   * of who has changed such keys.
   */
  wake(generation: number, left: ReadonlySet<string>, refused: (keys: readonly string[]) => Error | undefined): void {
    for (const waiter of this.#waiting) {
      if (waiter.generation > generation) continue;
      const error = refused(waiter.keys);
      if (!error && left.size > 0 && waiter.keys.some((key) => left.has(key))) continue;
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
