import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const ENTRY = resolve(import.meta.dirname, '../bin/signalbox.js');

/** A `signalbox` command as a child process, with its last lines kept for when it ends by itself. */
export class Program {
  readonly #child: ChildProcess;
  #log: string[] = [];
  /** Resolves when it has ended, however that came, with a word on how. */
  readonly ended: Promise<string>;
  #hasEnded = false;

  constructor(args: readonly string[], settings: Readonly<Record<string, string>>) {
    this.#child = spawn(process.execPath, [ENTRY, ...args], {
      env: { ...withoutSettings(process.env), ...settings },
      // Ctrl-C signals all of the terminal's group; out of it, all are stopped in order and not in a race.
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

  /** Waits until something is so; false when it ended instead, or is not so far within the time. */
  async until(condition: () => Promise<boolean>, timeout = 30_000): Promise<boolean> {
    const deadline = Date.now() + timeout;
    while (!this.#hasEnded && Date.now() < deadline) {
      if (await condition().catch(() => false)) return true;
      await delay(50);
    }
    return false;
  }

  /** Ends it in good order, and by force when that takes too long. */
  async stop(): Promise<void> {
    this.#child.kill('SIGTERM');
    await Promise.race([this.ended, delay(12_000, undefined, { ref: false })]);
    await this.force();
  }

  /** Ends it at once. */
  async force(): Promise<void> {
    this.#child.kill('SIGKILL');
    if (this.#child.pid !== undefined) await this.ended;
  }
}

/** The user's own settings of a Signalbox are not meant for the demo's. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const isSetting = (name: string) => /^(SIGNALBOX|JUPYTERHUB)_/.test(name) || name === 'CONFIGPROXY_AUTH_TOKEN';
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isSetting(name)));
}
