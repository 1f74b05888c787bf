import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import { readIfThere } from '../files.ts';
import type { Control } from './control.ts';
import type { ErrorLog } from './error-log.ts';
import type { NginxHost } from './host.ts';
import { testConfig } from './test-config.ts';
import { isAlive, nginxesIn, type Worker, workersOf } from './workers.ts';

export interface ManagedOptions {
  /** Path of the nginx binary. */
  nginx: string;
  /** Working folder of nginx, and the mark by which its processes are known. */
  dir: string;
  /** Path of the configuration in place. */
  configFile: string;
  pidFile: string;
  controlSocket: string;
  listen: { host: string; port: number };
  control: Control;
  errorLog: ErrorLog;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
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

  async ensureUp(): Promise<void> {
    if (this.#up) return;
    if (this.#stopping) throw new SignalboxError('SHUTTING_DOWN', 'nginx is being stopped');
    if (this.#starts === 0 && (await this.#adopt())) return;
    await this.#start();
  }

  async reload(): Promise<void> {
    if (this.#master === undefined) throw new SignalboxError('PROXY_DOWN', 'nginx is not running');
    process.kill(this.#master, 'SIGHUP');
  }

  test(configFile: string): Promise<string | undefined> {
    return testConfig(this.#options.nginx, this.#options.dir, configFile);
  }

  workers(): Worker[] | undefined {
    return this.#master === undefined ? [] : workersOf(this.#master);
  }

  lastErrors(): string[] {
    return this.#options.errorLog.takeErrors();
  }

  /** QUIT lets running requests end and closes the listeners at once; what is left after `drainMs` gets TERM, then KILL. */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    this.#up = false;
    const master = this.#master;
    if (master !== undefined && isAlive(master)) {
      if (drainMs > 0) await this.#end(master, 'SIGQUIT', drainMs);
      if (isAlive(master)) await this.#end(master, 'SIGTERM', 500);
      if (isAlive(master)) await this.#end(master, 'SIGKILL', 500);
    }
    for (const { pid } of nginxesIn(this.#options.dir)) send(pid, 'SIGKILL');
    rmSync(this.#options.controlSocket, { force: true });
    rmSync(this.#options.pidFile, { force: true });
  }

  /** Takes over the nginx that an earlier daemon left, without touching a connection. */
  async #adopt(): Promise<boolean> {
    const master =
      nginxesIn(this.#options.dir).find((found) => found.master && !found.draining)?.pid ?? this.#pidInFile();
    if (master === undefined) return false;
    try {
      await this.#options.control.served();
    } catch (error) {
      this.#options.log.warn(
        { pid: master, reason: describeError(error) },
        'an nginx of ours runs but does not answer',
      );
      send(master, 'SIGQUIT');
      return false;
    }
    this.#options.log.info({ pid: master }, 'took over the nginx that was running');
    this.#starts++;
    this.#watchMaster(master, undefined);
    return true;
  }

  /** Where processes can't be seen, the pid file and an answer on our own socket have to do. */
  #pidInFile(): number | undefined {
    const pid = Number(readIfThere(this.#options.pidFile)?.trim() || Number.NaN);
    return process.platform !== 'linux' && Number.isInteger(pid) && isAlive(pid) ? pid : undefined;
  }

  async #start(): Promise<void> {
    const { nginx, dir, configFile, controlSocket, pidFile, errorLog, log } = this.#options;
    const wait = this.#startedAt + RESTART_MS - Date.now();
    if (this.#starts > 0 && wait > 0) await delay(wait);
    await this.#clearOrphans();
    await this.#checkPort();
    rmSync(controlSocket, { force: true });
    rmSync(pidFile, { force: true });
    this.#startedAt = Date.now();
    const stderr = openSync(errorLog.path, 'a', 0o600);
    const child = spawn(nginx, ['-p', dir, '-e', errorLog.path, '-c', configFile], {
      cwd: dir,
      detached: true,
      stdio: ['ignore', 'ignore', stderr],
    });
    closeSync(stderr);
    const failure = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `status ${code}`}`));
    });
    child.unref();
    const reason = await this.#untilServing(failure);
    if (reason !== undefined) {
      if (child.pid !== undefined) send(child.pid, 'SIGKILL');
      const said = this.lastErrors().join('; ');
      throw new SignalboxError('PROXY_DOWN', `nginx did not start: ${said || reason}`, { retryable: true });
    }
    this.#starts++;
    log.info(
      { pid: child.pid, took: Date.now() - this.#startedAt },
      this.#starts > 1 ? 'nginx restarted' : 'nginx started',
    );
    this.#watchMaster(child.pid as number, child);
  }

  async #untilServing(failure: Promise<string>): Promise<string | undefined> {
    let failed: string | undefined;
    void failure.then((reason) => {
      failed = reason;
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

  /** Workers whose master was killed go on serving and hold the port. QUIT closes their listeners, not their connections. */
  async #clearOrphans(): Promise<void> {
    const { dir, log } = this.#options;
    const orphans = nginxesIn(dir).filter(({ draining }) => !draining);
    if (orphans.length === 0) return;
    log.warn(
      { pids: orphans.map(({ pid }) => pid) },
      'stopping what an nginx of ours left; its connections may end by themselves',
    );
    // The master first: it would start new workers.
    for (const { pid, master } of orphans.toSorted((a, b) => Number(b.master) - Number(a.master))) {
      send(pid, master ? 'SIGTERM' : 'SIGQUIT');
    }
    const deadline = Date.now() + 1_000;
    while (nginxesIn(dir).some(({ draining }) => !draining)) {
      if (Date.now() > deadline) {
        for (const { pid, draining } of nginxesIn(dir)) if (!draining) send(pid, 'SIGKILL');
        return;
      }
      await delay(5);
    }
  }

  /** nginx itself only says "bind() failed" after half a second of tries; this says it at once and how to mend it. */
  #checkPort(): Promise<void> {
    const { host, port } = this.#options.listen;
    return new Promise((resolve, reject) => {
      const server = createServer();
      server.once('error', (error: NodeJS.ErrnoException) => {
        const hints: Record<string, string> = {
          EADDRINUSE: 'Another program listens there: stop it, or choose another address with --public.',
          EACCES: 'Ports below 1024 need root or CAP_NET_BIND_SERVICE.',
          EADDRNOTAVAIL: 'No interface of this machine has that address: see --public.',
        };
        const message = `cannot listen on ${host}:${port} (${error.code})`;
        reject(new SignalboxError('PORT_TAKEN', message, { hint: hints[error.code ?? ''], retryable: true }));
      });
      server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()));
    });
  }

  /** Our own child tells when it ends; an nginx that was taken over has to be looked at. */
  #watchMaster(master: number, child: ChildProcess | undefined): void {
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
    if (child) child.once('exit', (code, signal) => gone(signal ?? `status ${code}`));
    else {
      this.#watch = setInterval(() => {
        if (!isAlive(master)) gone('it was taken over from an earlier daemon, so its exit status is unknown');
      }, POLL_MS);
      this.#watch.unref();
    }
  }

  async #end(pid: number, signal: NodeJS.Signals, ms: number): Promise<void> {
    send(pid, signal);
    const deadline = Date.now() + ms;
    while (isAlive(pid) && Date.now() < deadline) await delay(10);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already.
  }
}
