import { Nap } from './nap.ts';

export interface LoopOptions {
  /** Is there anything to do, though nobody has asked for a pass? */
  isDue(): boolean;
  /** When `isDue` may change by itself, ms; undefined: never. */
  idleMs(): number | undefined;
  /** How long others may still join the pass, ms. */
  pauseMs(): number;
  /** True when not all is done. */
  pass(): Promise<boolean>;
  /** After how long what was not done is tried again, ms. */
  retryMs(): number;
}

/** Runs one pass after the other, while there is anything to do. */
export class Loop {
  readonly #options: LoopOptions;
  readonly #nap = new Nap();
  #isRequested = true;
  #isRunning = false;
  #isPassing = false;
  #passes = 0;
  #ended: Promise<void> | undefined;

  constructor(options: LoopOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Has somebody asked for a pass since the last one began? */
  get isRequested(): boolean {
    return this.#isRequested;
  }

  /** How many passes there were; undefined during one. */
  get rested(): number | undefined {
    return this.#isPassing ? undefined : this.#passes;
  }

  start(): void {
    this.#isRunning = true;
    this.#ended = this.#run();
  }

  /** Lets the pass end that is running. */
  async end(): Promise<void> {
    this.#isRunning = false;
    this.#nap.end();
    await this.#ended;
  }

  /** Asks for a pass even if nothing is due, at once. */
  request(): void {
    this.#isRequested = true;
    this.#nap.wake();
  }

  /** Something is due. */
  wake(): void {
    this.#nap.wake();
  }

  async #run(): Promise<void> {
    const { isDue, idleMs, retryMs } = this.#options;
    while (this.#isRunning) {
      if (!isDue() && !this.#isRequested) {
        await this.#nap.sleep(idleMs());
        continue;
      }
      await this.#pause();
      if (!this.#isRunning) return;
      const failed = await this.#pass();
      // A request (the proxy came back) cuts the wait short.
      if (failed && !this.#isRequested) await this.#nap.sleep(retryMs());
      if (failed) this.#isRequested = true;
    }
  }

  async #pass(): Promise<boolean> {
    this.#isRequested = false;
    this.#isPassing = true;
    try {
      return await this.#options.pass();
    } finally {
      this.#isPassing = false;
      this.#passes++;
    }
  }

  async #pause(): Promise<void> {
    for (let ms = this.#pauseMs(); ms > 0 && this.#isRunning; ms = this.#pauseMs()) await this.#nap.sleep(ms, true);
  }

  /** An error of `driver.pause` is not reported here: the next pass meets it as well. */
  #pauseMs(): number {
    try {
      return this.#options.pauseMs();
    } catch {
      return 0;
    }
  }
}
