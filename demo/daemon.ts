import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './http.ts';
import { Program } from './program.ts';

export interface DaemonOptions {
  readonly port: number;
  readonly apiPort: number;
  readonly nginx: string;
  readonly stateDir: string;
  readonly token: string;
}

/** The real Signalbox as a child process, on its defaults, with an nginx that it starts itself. */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #program: Program;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { port, apiPort, nginx, stateDir, token } = options;
    const listeners = ['--public', `127.0.0.1:${port}`, '--api', `127.0.0.1:${apiPort}`];
    this.#program = new Program(['serve', ...listeners, '--state-dir', stateDir, '--nginx', nginx], {
      SIGNALBOX_API_TOKEN: token,
      SIGNALBOX_LOG_FORMAT: 'pretty',
    });
  }

  get ended(): Promise<string> {
    return this.#program.ended;
  }

  lastLines(): string {
    return this.#program.lastLines();
  }

  /** Waits until it serves; false when it ended instead, or is not ready in time. */
  ready(): Promise<boolean> {
    return this.#program.until(
      async () => (await ask(`http://127.0.0.1:${this.#options.apiPort}/readyz`)).status === 200,
    );
  }

  /** Ends daemon and nginx in good order, and by force when that takes too long. */
  async stop(): Promise<void> {
    await this.#program.stop();
    await this.#endNginx();
  }

  /** Ends both at once. */
  async force(): Promise<void> {
    await this.#program.force();
    await this.#endNginx();
  }

  /** A daemon that died leaves its nginx serving, by design; here it has to go, too. */
  async #endNginx(): Promise<void> {
    const pid = this.#nginxPid();
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (pid === undefined || !sendSignal(pid, signal)) return;
      for (let tries = 0; tries < 60 && sendSignal(pid, 0); tries += 1) await delay(50);
    }
  }

  #nginxPid(): number | undefined {
    try {
      return Number(readFileSync(join(this.#options.stateDir, 'nginx/nginx.pid'), 'utf8')) || undefined;
    } catch {
      return undefined;
    }
  }
}

/** False when there is no such process any more. */
function sendSignal(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
