import { execFile } from 'node:child_process';
import { SignalboxError } from '../../errors.ts';
import { readIfThere } from '../files.ts';
import type { Control } from './control.ts';
import type { NginxHost } from './host.ts';
import { type Worker, workersOf } from './workers.ts';

export interface SidecarOptions {
  control: Control;
  /** Pid file of the nginx to reload. */
  pidFile: string | undefined;
  /** Shell command that reloads it; wins over the pid file. */
  reloadCommand: string | undefined;
  /** Tests our part of a configuration, when there is an nginx here to do it with. */
  test: (configFile: string) => Promise<string | undefined>;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** nginx came, went, or runs another configuration than it did. */
  onChange: (reason: string) => void;
}

const LOOK_MS = 500;
const COMMAND_MS = 30_000;

/** An nginx that someone else starts and stops. It is looked at through its control socket; live needs no reload for routes. */
export class SidecarNginx implements NginxHost {
  readonly restarts = 0;
  readonly #options: SidecarOptions;
  #seen: string | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SidecarOptions) {
    this.#options = options;
  }

  get up(): boolean {
    return this.#seen !== undefined;
  }

  async ensureUp(): Promise<void> {
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS).unref();
    try {
      this.#seen = (await this.#options.control.served()).version;
    } catch (error) {
      this.#seen = undefined;
      throw new SignalboxError('PROXY_DOWN', 'nginx does not answer on its control socket', {
        cause: error,
        hint: 'Start nginx with our signalbox.conf included in its http block; it must see the state folder under the same path.',
        retryable: true,
      });
    }
  }

  async reload(): Promise<void> {
    const { reloadCommand } = this.#options;
    if (reloadCommand !== undefined) return await run(reloadCommand);
    const master = this.#master();
    if (master === undefined) {
      throw new SignalboxError('PROXY_NOT_CONFIRMED', 'nginx has to be reloaded, and there is no way to do it', {
        hint: 'Set --nginx-pid-file or --reload-command, or reload nginx by hand.',
      });
    }
    process.kill(master, 'SIGHUP');
  }

  test(configFile: string): Promise<string | undefined> {
    return this.#options.test(configFile);
  }

  workers(): Worker[] | undefined {
    const master = this.#master();
    return master === undefined ? undefined : workersOf(master);
  }

  /** Its error log is someone else's. */
  lastErrors(): string[] {
    return [];
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  #master(): number | undefined {
    const { pidFile } = this.#options;
    const pid = pidFile === undefined ? Number.NaN : Number(readIfThere(pidFile)?.trim() || Number.NaN);
    return Number.isInteger(pid) ? pid : undefined;
  }

  async #look(): Promise<void> {
    const before = this.#seen;
    try {
      this.#seen = (await this.#options.control.served()).version;
    } catch {
      this.#seen = undefined;
    }
    if (this.#seen === before) return;
    this.#options.onChange(
      before === undefined ? 'nginx answers' : this.#seen === undefined ? 'nginx is gone' : 'nginx was reloaded',
    );
  }
}

function run(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile('/bin/sh', ['-c', command], { timeout: COMMAND_MS }, (error, _, stderr) => {
      if (!error) return resolve();
      const said = stderr.trim().split('\n').at(-1);
      reject(
        new SignalboxError('PROXY_NOT_CONFIRMED', `the reload command failed: ${said || error.message}`, {
          retryable: true,
        }),
      );
    });
  });
}
