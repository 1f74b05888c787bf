/** What a daemon says of itself, and what a user gets, at one moment. */
export interface Observation {
  /** Status of `GET /readyz`. */
  readonly ready: number;
  /** Of `GET /status`. */
  readonly generation: { readonly wanted: number; readonly served: number };
  readonly up: boolean;
  /** What requests of users got: a status, or why there was none. By path. */
  readonly users: Readonly<Record<string, number | string>>;
}

export interface TruthOptions {
  /** Rejects while the daemon does not answer, when nothing it says can be true or false. */
  readonly look: () => Promise<Observation>;
  readonly everyMs?: number;
  /** Milliseconds for which it may be wrong. */
  readonly patienceMs?: number;
}

/** Five seconds are promised; the rest is for a machine that runs other tests at once. */
const PATIENCE_MS = 9_000;

/** Looks every second whether what a daemon says is what users get, and remembers where it was not for too long. */
export class TruthWatch {
  readonly #options: TruthOptions;
  readonly #lies = new Set<string>();
  /** Since when every look has found something. */
  #since: number | undefined;
  /** What the last look has seen. */
  #before: Observation | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TruthOptions) {
    this.#options = options;
    this.#next();
  }

  /** Ends the watch; throws when it has found something. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#lies.size > 0) throw new Error(`Signalbox did not tell the truth:\n${[...this.#lies].join('\n')}`);
  }

  #next(): void {
    this.#timer = setTimeout(async () => {
      const seen = await this.#options.look().catch(() => undefined);
      if (!this.#timer) return;
      const lie = seen && lieIn(seen, this.#before);
      this.#before = seen;
      this.#note(lie, Date.now());
      this.#next();
    }, this.#options.everyMs ?? 1_000).unref();
  }

  #note(lie: string | undefined, now: number): void {
    if (lie === undefined) {
      this.#since = undefined;
      return;
    }
    // Another route is asked for each time, so the words differ.
    this.#since ??= now;
    if (now - this.#since > (this.#options.patienceMs ?? PATIENCE_MS)) this.#lies.add(lie);
  }
}

/** What in it contradicts the rest. Changes may be on their way, if they are none of those that were on it at the look before. */
function lieIn(
  { ready, generation: { served }, up, users }: Observation,
  before: Observation | undefined,
): string | undefined {
  if (ready !== 200) return undefined;
  if (!up) return 'ready, and the proxy is not up';
  if (before && served < before.generation.wanted) return 'ready, and not the newest generation is served';
  const failed = Object.entries(users).find(([, got]) => got === 404 || typeof got === 'string');
  return failed && `ready, and a user who asks for ${failed[0]} gets: ${failed[1]}`;
}
