import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, realpathSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import { proxyEnvironment } from '../../process/environment.ts';
import type { ErrorLog } from '../../process/error-log.ts';
import { canSeeProcesses, isAlive, send } from '../../process/processes.ts';
import { hasRoom } from '../../system/disk-room.ts';
import { readIfThere } from '../../system/files.ts';
import type { Log } from '../../system/log.ts';
import { checkPublicPort, type PublicPlace } from '../../system/public-port.ts';
import type { Control } from './control.ts';
import type { NginxHost } from './host.ts';
import { clearOrphans } from './orphans.ts';
import { testConfig } from './test-config.ts';
import { checkVersion, readVersion } from './version.ts';
import { nginxesIn, type OwnProcess, type Worker, workersOf } from './workers.ts';

export interface ManagedOptions {
  /** Path of the nginx binary. */
  nginx: string;
  /** Working folder of nginx, and the mark by which its processes are known. */
  dir: string;
  /** Path of the configuration in place. */
  configFile: string;
  pidFile: string;
  controlSocket: string;
  listen: PublicPlace;
  control: Control;
  errorLog: ErrorLog;
  log: Pick<Log, 'info' | 'warn'>;
  /** nginx ended without having been told to. */
  onExit: (reason: string) => void;
}

const START_MS = 10_000;
const POLL_MS = 100;
/** Between two starts, so that an nginx that dies at once is not started hundreds of times a second. */
const RESTART_MS = 500;

/**
 * An nginx that Signalbox starts, watches and stops. It is started apart from the daemon (own session, no pipes), so that a
 * daemon that is killed leaves it serving; the next one takes it over.
 */
export class ManagedNginx implements NginxHost {
  readonly canReload = true;
  readonly #options: ManagedOptions;
  #master: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #stopping = false;
  #starts = 0;
  #up = false;

  constructor(options: ManagedOptions) {
    this.#options = { ...options, dir: realpathSync(options.dir) };
  }

  get up(): boolean {
    return this.#up;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  async prepare(): Promise<void> {
    const { nginx, control, listen } = this.#options;
    checkVersion(nginx, await readVersion(nginx));
    const ours = this.#processes().length > 0 || (await control.servedAfresh().catch(() => undefined)) !== undefined;
    // What an earlier daemon left has the port by right: it is taken over or cleared away.
    if (!ours) await checkPublicPort(listen, 'nginx');
  }

  async ensureUp(): Promise<void> {
    if (this.#up) return;
    this.#refuseWhenStopping();
    if (this.#starts === 0 && (await this.#adopt())) return;
    await this.#start();
  }

  async reload(): Promise<void> {
    if (this.#master === undefined) throw new SignalboxError('PROXY_DOWN', 'nginx is not running');
    process.kill(this.#master, 'SIGHUP');
  }

  async test(configFile: string): Promise<string | undefined> {
    // `nginx -t` opens the listeners for a moment. While no nginx of ours has them, clients would be accepted and cut off;
    // the start itself, which comes next, is test enough.
    if (this.#processes().length === 0) return undefined;
    return testConfig(this.#options.nginx, this.#options.dir, configFile);
  }

  workers(): Worker[] | undefined {
    return this.#master === undefined ? [] : workersOf(this.#master);
  }

  takeRefusals(): string[] {
    return this.#options.errorLog.takeRefusals();
  }

  /**
   * QUIT lets running requests end and closes the listeners at once; what is left after `drainMs` is cut. May be called
   * again, with less time, while it runs.
   */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    this.#up = false;
    if (drainMs > 0) await this.#end('SIGQUIT', drainMs);
    await this.#end('SIGTERM', 500);
    await this.#end('SIGKILL', 500);
    rmSync(this.#options.controlSocket, { force: true });
    rmSync(this.#options.pidFile, { force: true });
  }

  /** Takes over the nginx that an earlier daemon left, without touching a connection. */
  async #adopt(): Promise<boolean> {
    const { log, control } = this.#options;
    const pid = this.#processes().find(({ master, draining }) => master && !draining)?.pid ?? this.#pidInFile();
    if (pid === undefined) return false;
    try {
      await control.served();
    } catch (error) {
      log.warn({ pid, reason: describeError(error) }, 'an nginx of ours runs but does not answer');
      return false;
    }
    log.info({ pid }, 'took over the nginx that was running');
    // Its logs may have been deleted while nobody looked: it would write into files without a name.
    send(pid, 'SIGUSR1');
    this.#starts++;
    this.#watchMaster(pid, undefined);
    return true;
  }

  /** Where processes can't be seen, the pid file and an answer on our own socket have to do. */
  #pidInFile(): number | undefined {
    const pid = Number(readIfThere(this.#options.pidFile)?.trim() || Number.NaN);
    return !canSeeProcesses && Number.isInteger(pid) && isAlive(pid) ? pid : undefined;
  }

  async #start(): Promise<void> {
    const { dir, configFile, controlSocket, pidFile, control, listen, log } = this.#options;
    const wait = this.#startedAt + RESTART_MS - Date.now();
    if (this.#starts > 0 && wait > 0) await delay(wait);
    const pids = await clearOrphans(dir, configFile, control);
    if (pids.length > 0) {
      log.warn({ pids }, 'stopped what an nginx of ours left; its open connections may end by themselves');
    }
    await checkPublicPort(listen, 'nginx');
    this.#refuseWhenStopping();
    rmSync(controlSocket, { force: true });
    rmSync(pidFile, { force: true });
    this.#startedAt = Date.now();
    const child = this.#spawn();
    const reason = await this.#untilServing(child);
    if (reason !== undefined) {
      const ended = child.pid === undefined || !isAlive(child.pid);
      child.kill('SIGKILL');
      this.#refuseWhenStopping();
      const said = this.takeRefusals().join('; ');
      // One that ends by itself does not like what it was given.
      const code = ended ? 'PROXY_REFUSED_CONFIG' : 'PROXY_DOWN';
      // What it had to say may not have found room in its log.
      const full = hasRoom(dir) ? '' : `, and no room is left in ${dir}`;
      throw new SignalboxError(code, `nginx did not start: ${said || reason}${full}`);
    }
    this.#starts++;
    const took = Date.now() - this.#startedAt;
    log.info({ pid: child.pid, took }, this.#starts > 1 ? 'nginx restarted' : 'nginx started');
    this.#watchMaster(child.pid as number, child);
  }

  #spawn(): ChildProcess {
    const { nginx, dir, configFile, errorLog } = this.#options;
    const stderr = openSync(errorLog.path, 'a', 0o600);
    try {
      const child = spawn(nginx, ['-p', dir, '-e', errorLog.path, '-c', configFile], {
        cwd: dir,
        env: proxyEnvironment(),
        detached: true,
        stdio: ['ignore', 'ignore', stderr],
      });
      child.unref();
      return child;
    } finally {
      closeSync(stderr);
    }
  }

  /** Undefined when it serves, else why it does not. */
  async #untilServing(child: ChildProcess): Promise<string | undefined> {
    let failed: string | undefined;
    child.once('error', (error) => {
      failed = error.message;
    });
    child.once('exit', (code, signal) => {
      failed = `it ended with ${signal ?? `status ${code}`}`;
    });
    const deadline = Date.now() + START_MS;
    while (Date.now() < deadline) {
      if (failed !== undefined) return failed;
      try {
        await this.#options.control.servedAfresh();
        return undefined;
      } catch {
        await delay(5);
      }
    }
    return `no answer on its control socket within ${START_MS / 1000} s`;
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new SignalboxError('SHUTTING_DOWN', 'nginx is being stopped');
  }

  /** Our own child tells when it ends; an nginx that was taken over has to be looked at. */
  #watchMaster(master: number, child: ChildProcess | undefined): void {
    if (this.#stopping) return;
    this.#master = master;
    this.#up = true;
    clearInterval(this.#watch);
    const gone = (reason: string) => {
      if (this.#master !== master || this.#stopping) return;
      clearInterval(this.#watch);
      this.#master = undefined;
      this.#up = false;
      this.#options.onExit(`nginx ended unexpectedly (${reason})`);
    };
    if (child?.exitCode === null && child.signalCode === null) {
      child.once('exit', (code, signal) => gone(signal ?? `status ${code}`));
      return;
    }
    this.#watch = setInterval(() => {
      if (!isAlive(master)) gone('it was taken over from an earlier daemon, so its exit status is unknown');
    }, POLL_MS);
    this.#watch.unref();
  }

  /** Signals the master, which tells its workers, or the workers that have none; waits until all have gone. */
  async #end(signal: NodeJS.Signals, ms: number): Promise<void> {
    const processes = this.#processes();
    const masters = processes.filter(({ master }) => master);
    const all = signal === 'SIGKILL' || masters.length === 0;
    for (const { pid } of all ? processes : masters) send(pid, signal);
    const deadline = Date.now() + ms;
    while (this.#processes().length > 0 && Date.now() < deadline) await delay(10);
  }

  /** All processes of our nginx; the master alone where others can't be seen. */
  #processes(): OwnProcess[] {
    const seen = nginxesIn(this.#options.dir, this.#options.configFile);
    const master = this.#master;
    if (master === undefined || seen.some(({ pid }) => pid === master) || !isAlive(master)) return seen;
    return [{ pid: master, master: true, draining: false }, ...seen];
  }
}
