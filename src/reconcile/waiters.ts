interface Waiter {
  readonly generation: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
  readonly timer: NodeJS.Timeout;
}

/** Those who wait until the proxy serves a generation, each with a deadline of its own. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();

  /** Resolves when `wake` tells of `generation`; rejects with `late()` after `timeoutMs`. */
  wait(generation: number, timeoutMs: number, late: () => Error): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(late());
      }, timeoutMs);
      const waiter: Waiter = { generation, resolve, reject, timer };
      this.#waiting.add(waiter);
    });
  }

  /** Everyone who waited for `generation` or an earlier one. */
  wake(generation: number): void {
    for (const waiter of this.#waiting) {
      if (waiter.generation > generation) continue;
      this.#forget(waiter);
      waiter.resolve();
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
