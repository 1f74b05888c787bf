import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** Milliseconds until it counts as failed; 10 s unless given. */
  readonly timeout?: number;
  /** What is waited for, in the words of the failure: `timed out: WHAT`. */
  readonly what: string;
  /** Milliseconds between two looks. */
  readonly interval?: number;
}

/**
 * Waits for a condition instead of for a time: resolves with the first truthy value. A condition that throws counts as not
 * met yet, and its last error is the cause of the failure.
 */
export async function until<T>(condition: () => T | Promise<T>, options: UntilOptions): Promise<Truthy<T>> {
  const deadline = Date.now() + (options.timeout ?? 10_000);
  for (;;) {
    let cause: unknown;
    try {
      const value = await condition();
      if (value) return value as Truthy<T>;
    } catch (error) {
      cause = error;
    }
    if (Date.now() >= deadline) throw new Error(`timed out: ${options.what}`, { cause });
    await delay(options.interval ?? 20);
  }
}

type Truthy<T> = Exclude<T, false | 0 | '' | null | undefined>;

/** Rejects when a promise takes too long. The promise itself goes on. */
export function within<T>(timeout: number, what: string, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`timed out: ${what}`)), timeout);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
