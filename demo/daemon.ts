import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from './http.ts';

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
  readonly #child: ChildProcess;
  #log: string[] = [];
  /** Resolves when it has ended, however that came, with a word on how. */
  readonly ended: Promise<string>;
  #hasEnded = false;

  constructor(options: DaemonOptions) {
    this.#options = options;
    const { port, apiPort, nginx, stateDir, token } = options;
    const entry = resolve(import.meta.dirname, '../bin/signalbox.js');
    const listeners = ['--public', `127.0.0.1:${port}`, '--api', `127.0.0.1:${apiPort}`];
    this.#child = spawn(process.execPath, [entry, 'serve', ...listeners, '--state-dir', stateDir, '--nginx', nginx], {
      env: { ...withoutSettings(process.env), SIGNALBOX_API_TOKEN: token, SIGNALBOX_LOG_FORMAT: 'pretty' },
      // Ctrl-C signals all of the terminal's group; out of it, daemon and nginx are stopped in order and not in a race.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#log = [...this.#log, ...text.split('\n').filter((line) => line !== '')].slice(-15);
      });
    }
    this.ended = new Promise((settle) => {
      this.#child.on('error', (error) => settle(error.message));
      this.#child.on('exit', (code, signal) => settle(signal ? `killed by ${signal}` : `exit code ${code}`));
    });
    this.ended.then(() => {
      this.#hasEnded = true;
    });
  }

  lastLines(): string {
    return this.#log.join('\n');
  }

  /** Waits until it serves; false when it ended instead, or is not ready within the time. */
  async ready(timeout = 30_000): Promise<boolean> {
    const deadline = Date.now() + timeout;
    while (!this.#hasEnded && Date.now() < deadline) {
      const status = await ask(`http://127.0.0.1:${this.#options.apiPort}/readyz`).catch(() => undefined);
      if (status?.status === 200) return true;
      await delay(50);
    }
    return false;
  }

  /** Ends daemon and nginx in good order, and by force when that takes too long. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await Promise.race([this.ended, delay(12_000, undefined, { ref: false })]);
    await this.force();
  }

  /** Ends what is left at once. A daemon that died leaves its nginx serving, by design; here it has to go, too. */
  async force(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.pid !== undefined) await this.ended;
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

/** The user's own settings of a Signalbox are not meant for the demo's. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSetting = (name: string) => name.startsWith('SIGNALBOX_') || name === 'CONFIGPROXY_AUTH_TOKEN';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSetting(name)));
}
