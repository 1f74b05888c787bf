/**
 * What ends the daemon, and its proxy with it: every signal that would end it otherwise, leaving the proxy on its port. Not
 * crashes (SIGSEGV and the like) and SIGKILL, after which the proxy serves on; bin/signalbox.js ignores the rest.
 */
export const STOPS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGXCPU', 'SIGPWR'] as const;

/** Signals as something to wait for. One that comes while nobody waits is kept: a stop during the start counts. */
export class Signals {
  #arrived: string[] = [];
  #waiting: { names: readonly string[]; resolve: (signal: string) => void }[] = [];

  constructor(...names: NodeJS.Signals[]) {
    for (const name of names) process.on(name, () => this.#arrive(name));
  }

  /** The next signal, of these names only when there are any. */
  next(...names: string[]): Promise<string> {
    const at = this.#arrived.findIndex((signal) => names.length === 0 || names.includes(signal));
    const [kept] = at < 0 ? [] : this.#arrived.splice(at, 1);
    if (kept !== undefined) return Promise.resolve(kept);
    return new Promise((resolve) => this.#waiting.push({ names, resolve }));
  }

  #arrive(signal: string): void {
    const at = this.#waiting.findIndex(({ names }) => names.length === 0 || names.includes(signal));
    const [waiting] = at < 0 ? [] : this.#waiting.splice(at, 1);
    if (waiting) waiting.resolve(signal);
    else this.#arrived.push(signal);
  }
}
