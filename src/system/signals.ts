/**
 * Signals that stop the daemon and its proxy: all whose default action would end the daemon alone and leave the proxy on its port.
 * After a crash (SIGSEGV and the like) or SIGKILL the proxy goes on serving; bin/signalbox.js ignores all other signals.
 */
export const STOPS = ['SIGTERM', 'SIGINT', 'SIGQUIT', 'SIGABRT', 'SIGALRM', 'SIGXCPU', 'SIGPWR'] as const;

/** Signals to wait for. One that arrives while nobody waits is kept, so that a stop during the start counts. */
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
