/** A sleep that can be cut short. */
export class Nap {
  #wake: () => void = () => {};
  #isDeaf = false;

  /** Sleeps until `ms` have passed or `wake` is called; with `deaf` only `end` wakes it. */
  sleep(ms: number | undefined, deaf = false): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#isDeaf = deaf;
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    if (!this.#isDeaf) this.#wake();
  }

  end(): void {
    this.#wake();
  }
}
