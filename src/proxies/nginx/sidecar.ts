import { rmSync, statSync } from 'node:fs';
import { describeError, SignalboxError } from '../../errors.ts';
import { External } from '../../process/external.ts';
import { type OwnProcess, ownProcess, signal } from '../../process/own.ts';
import { pidInFile } from '../../process/pid-in-file.ts';
import type { Log } from '../../system/log.ts';
import type { Control } from './control.ts';
import type { NginxHost } from './host.ts';
import { runReloadCommand } from './reload-command.ts';
import { anyMaster, type Worker, workersOf } from './workers.ts';

export interface SidecarOptions {
  control: Control;
  /** The path on which `control` asks. */
  controlSocket: string;
  /** Pid file of the nginx to reload. */
  pidFile: string | undefined;
  /** Shell command that reloads it; wins over the pid file. */
  reloadCommand: string | undefined;
  /** Tests our part of a configuration, when there is an nginx here to do it with. */
  test: ((configFile: string) => Promise<string | undefined>) | undefined;
  log: Pick<Log, 'info' | 'warn'>;
}

/** errno(3): EPERM, EACCES, as nginx prints them. */
const NOT_ALLOWED = /\((?:1: Operation not permitted|13: Permission denied)\)/;

/** An nginx that someone else starts and stops. Its control socket shows what it serves. */
export class SidecarNginx extends External implements NginxHost {
  readonly #options: SidecarOptions;
  /** Inode of a control socket on which nobody listened at the last look. */
  #deadSocket: number | undefined;
  #cannotTest = false;
  #pidFileProblem: string | undefined;

  constructor(options: SidecarOptions) {
    const { control } = options;
    super({
      answers: () => control.answers,
      ask: () => control.served(),
      silent: () => 'nginx does not answer on its control socket',
      hint: 'Start nginx with our signalbox.conf included in its http block, before any map; it must see the state folder under the same path.',
    });
    this.#options = options;
  }

  get canReload(): boolean {
    return this.#options.reloadCommand !== undefined || this.#options.pidFile !== undefined;
  }

  get hearsRefusals(): boolean {
    return this.#options.test !== undefined && !this.#cannotTest;
  }

  override async prepare(): Promise<void> {
    // As with a managed nginx that is taken over: the log may have been deleted meanwhile.
    try {
      this.reopenLogs();
    } catch {
      // It takes no signals from us.
    }
  }

  override async ensureUp(): Promise<void> {
    try {
      await super.ensureUp();
      this.#deadSocket = undefined;
    } catch (error) {
      const { cause } = error as { cause?: NodeJS.ErrnoException };
      if (cause?.code === 'ECONNREFUSED') this.#clearDeadSocket();
      throw error;
    }
  }

  async reload(): Promise<void> {
    const { reloadCommand, pidFile } = this.#options;
    if (reloadCommand !== undefined) return await runReloadCommand(reloadCommand);
    const master = this.#master();
    if (master === undefined) {
      const why = this.#pidFileProblem ?? `${pidFile} names no nginx master process`;
      throw new SignalboxError('PROXY_DOWN', `nginx cannot be reloaded: ${why}`, {
        hint: "See --nginx-pid-file: nginx's own `pid` directive says where the file is.",
      });
    }
    try {
      signal(master, 'SIGHUP');
    } catch (cause) {
      throw new SignalboxError(
        'PROXY_DOWN',
        `nginx cannot be reloaded: process ${master.pid} takes no signals from us`,
        {
          cause,
          hint: 'It belongs to another user. Give a --reload-command that may reload it; docs/systemd.md has one.',
        },
      );
    }
  }

  /** Throws when it takes no signals from us. */
  reopenLogs(): boolean {
    const master = this.#master();
    return master !== undefined && signal(master, 'SIGUSR1');
  }

  async test(configFile: string): Promise<string | undefined> {
    // As with a managed nginx: `nginx -t` must not open listeners that no nginx has.
    const refused = this.up ? await this.#options.test?.(configFile) : undefined;
    if (refused === undefined || !NOT_ALLOWED.test(refused)) return refused;
    // Its owner may use ports and files that we may not: the reload itself is the test.
    if (!this.#cannotTest) this.#options.log.info({}, `nginx -t is no test for the user we are: ${refused}`);
    this.#cannotTest = true;
    return undefined;
  }

  workers(): Worker[] | undefined {
    const master = this.#master();
    return master === undefined ? undefined : workersOf(master.pid);
  }

  /** From a pid file that is not ours: it may become unreadable, or be stale and name any process. */
  #master(): OwnProcess | undefined {
    const { pidFile } = this.#options;
    try {
      this.#pidFileProblem = undefined;
      const pid = pidFile === undefined ? undefined : pidInFile(pidFile);
      return pid === undefined ? undefined : ownProcess(pid, anyMaster);
    } catch (error) {
      this.#pidFileProblem = `${pidFile} can't be read: ${describeError(error)}`;
      return undefined;
    }
  }

  /**
   * An nginx that was killed leaves its socket, on which the next one could not listen. It is removed at the second look only: an
   * nginx that is starting has a moment between bind(2) and listen(2).
   */
  #clearDeadSocket(): void {
    const { controlSocket, log } = this.#options;
    const inode = statSync(controlSocket, { throwIfNoEntry: false })?.ino;
    if (inode !== undefined && inode === this.#deadSocket) {
      removeSocket(controlSocket);
      log.info({}, 'removed the control socket that an nginx left, so that the next one can start');
    }
    this.#deadSocket = inode;
  }
}

function removeSocket(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw new SignalboxError('PROXY_DOWN', `nginx was killed, and its control socket ${path} cannot be removed`, {
      cause,
      hint: 'The next nginx cannot listen there: remove it, or give its folder to the user that Signalbox runs as.',
    });
  }
}
