/*
 * Asks again and again for what is shown: one request at a time, and none while nobody sees the page.
 */

export interface Answer<T> {
  readonly data: T | undefined;
  /** What went wrong with the newest request; undefined when it was answered. */
  readonly error: unknown;
  /** When the data came, by `performance.now()`. */
  readonly at: number;
}

export interface PollerOptions {
  readonly get: (path: string, signal: AbortSignal) => Promise<unknown>;
  /** Does anyone see it? */
  readonly isVisible: () => boolean;
}

/** What to ask for. */
export interface Question<T> {
  /** What it is about: answers with one name follow each other. */
  readonly name: string;
  /** Where to ask, given what is known. */
  readonly path: (known: T | undefined) => string;
  /** Makes what is known anew out of an answer. */
  readonly merge?: (known: T | undefined, newer: T) => T;
  /** How often, ms. */
  readonly every: number;
}

interface Watched {
  readonly question: Question<unknown>;
  readonly listeners: Set<(answer: Answer<unknown>) => void>;
  answer: Answer<unknown>;
  /** When to ask again, by `performance.now()`. */
  due: number;
}

export class Poller {
  readonly #options: PollerOptions;
  readonly #watched = new Map<string, Watched>();
  #asking: { readonly one: Watched; readonly abort: AbortController } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isStopped = false;

  constructor(options: PollerOptions) {
    this.#options = options;
  }

  /** Tells of each answer until the function that it gives back is called. */
  watch<T>(question: Question<T>, listener: (answer: Answer<T>) => void): () => void {
    const { name } = question;
    let one = this.#watched.get(name);
    if (!one) {
      const answer = { data: undefined, error: undefined, at: 0 };
      one = { question: question as Question<unknown>, listeners: new Set(), answer, due: performance.now() };
      this.#watched.set(name, one);
    } else if (one.answer.data !== undefined || one.answer.error !== undefined) {
      listener(one.answer as Answer<T>);
    }
    const heard = one;
    const tell = (answer: Answer<unknown>) => listener(answer as Answer<T>);
    heard.listeners.add(tell);
    this.#plan();
    return () => {
      heard.listeners.delete(tell);
      if (heard.listeners.size > 0) return;
      this.#watched.delete(name);
      // What nobody waits for is not to keep others waiting.
      if (this.#asking?.one === heard) this.#asking.abort.abort();
    };
  }

  /** Asks for everything at once, one after the other: something was done, or the page is seen again. */
  refresh(): void {
    for (const one of this.#watched.values()) one.due = 0;
    this.#plan();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #plan(): void {
    clearTimeout(this.#timer);
    if (this.#asking || this.#isStopped || !this.#options.isVisible()) return;
    const [next] = [...this.#watched.values()].sort((a, b) => a.due - b.due);
    if (next) this.#timer = setTimeout(() => void this.#ask(next), Math.max(0, next.due - performance.now()));
  }

  async #ask(one: Watched): Promise<void> {
    const { question, answer } = one;
    const abort = new AbortController();
    this.#asking = { one, abort };
    one.due = performance.now() + question.every;
    let newer: Answer<unknown>;
    try {
      const data = await this.#options.get(question.path(answer.data), abort.signal);
      newer = { data: question.merge?.(answer.data, data) ?? data, error: undefined, at: performance.now() };
    } catch (error) {
      newer = { ...answer, error };
    }
    this.#asking = undefined;
    one.answer = newer;
    for (const tell of one.listeners) tell(newer);
    this.#plan();
  }
}
