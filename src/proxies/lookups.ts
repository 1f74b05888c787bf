type Resolve = (name: string) => Promise<readonly string[]>;

interface Waiting {
  readonly name: string;
  readonly begin: () => void;
  readonly giveUp: () => void;
}

/**
 * Looks names up, two at a time: libuv gives getaddrinfo(3) no more threads, and a silent name server holds one for many
 * seconds. What has begun can't be taken back, what waits can.
 */
export class Lookups {
  readonly #resolve: Resolve;
  #waiting: Waiting[] = [];
  readonly #running = new Map<string, Promise<readonly string[]>>();

  constructor(resolve: Resolve) {
    this.#resolve = resolve;
  }

  /** `urgent`: before all others that wait. Resolves to undefined when it was given up before its turn. */
  lookUp(name: string, urgent: boolean): Promise<readonly string[] | undefined> {
    const running = this.#running.get(name);
    if (running) return running;
    return new Promise((resolve) => {
      const begin = () => {
        const found = this.#resolve(name).finally(() => {
          this.#running.delete(name);
          this.#next();
        });
        this.#running.set(name, found);
        resolve(found);
      };
      const one = { name, begin, giveUp: () => resolve(undefined) };
      if (urgent) this.#waiting.unshift(one);
      else this.#waiting.push(one);
      this.#next();
    });
  }

  giveUp(names: ReadonlySet<string>): void {
    const [kept, gone]: [Waiting[], Waiting[]] = [[], []];
    for (const one of this.#waiting) (names.has(one.name) ? gone : kept).push(one);
    this.#waiting = kept;
    for (const one of gone) one.giveUp();
  }

  #next(): void {
    if (this.#running.size < 2) this.#waiting.shift()?.begin();
  }
}
