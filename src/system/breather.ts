/** A request takes a few turns of the loop, and in each of them the slices of all that goes on. */
const SLICE_MS = 5;

/** Gives other work on the event loop its turn after every few milliseconds of a long one. */
export class Breather {
  #since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#since = performance.now();
  }
}

/** Does something with each of what may be many things. Several such loops that follow each other share a breather. */
export async function inSlices<T>(
  items: Iterable<T>,
  work: (item: T) => void,
  breather: Breather = new Breather(),
): Promise<void> {
  for (const item of items) {
    work(item);
    if (breather.isDue) await breather.rest();
  }
}
