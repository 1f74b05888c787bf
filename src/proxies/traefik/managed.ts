import type { ChildProcess } from 'node:child_process';
import { chownSync, closeSync, openSync, rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import type { ErrorLog } from '../../process/error-log.ts';
import { canSeeProcesses, commandLine, isAlive, processesEndingWith, send } from '../../process/processes.ts';
import type { HostPort } from '../../system/address.ts';
import { hasRoom } from '../../system/disk-room.ts';
import { readIfThere, replaceFile } from '../../system/files.ts';
import type { Log } from '../../system/log.ts';
import { checkPublicPort } from '../../system/public-port.ts';
import type { Version } from '../version.ts';
import type { TraefikHost } from './host.ts';
import type { Launch } from './launch.ts';
import type { MarkerClient } from './marker-client.ts';

export interface ManagedOptions {
  /** Path of the Traefik binary. */
  readonly traefik: string;
  readonly version: Version | undefined;
  /** Working folder of Traefik. */
  readonly dir: string;
  /** Path of the static configuration. */
  readonly staticFile: string;
  readonly pidFile: string;
  /** Text of the static configuration; its private entry point is where `marker` asks. */
  readonly renderStatic: () => string;
  /** Has the routes wait until Traefik is there; see starting.ts. */
  readonly holdBack: () => (() => void) | undefined;
  /** Finds another port for the private entry point, for somebody else has taken it. */
  readonly movePrivatePort: () => Promise<void>;
  readonly listen: HostPort;
  readonly launch: Launch;
  readonly marker: MarkerClient;
  readonly errorLog: ErrorLog;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Traefik ended without having been told to. */
  readonly onExit: (reason: string) => void;
}

const START_MS = 15_000;
const POLL_MS = 100;
/** Between two starts, so that a Traefik that dies at once is not started hundreds of times a second. */
const RESTART_MS = 500;
/** How long one of ours may take to close its listeners after it was told to end. */
const CLOSE_MS = 2_000;
/** As Traefik says it in its log when inotify is used up. */
const BLIND = /^Cannot start the provider \*file\./;

/**
 * A Traefik that Signalbox starts, watches and stops. It is started apart from the daemon (own session, no pipes), so that a
 * daemon that is killed leaves it serving; the next one takes it over.
 */
export class ManagedTraefik implements TraefikHost {
  readonly version: Version | undefined;
  readonly #options: ManagedOptions;
  /** The end of its command line, by which our Traefik is known. */
  readonly #mark: string;
  #pid: number | undefined;
  #watch: NodeJS.Timeout | undefined;
  /** Refusals that nobody has asked for yet. */
  #said: string[] = [];
  #startedAt = 0;
  #starts = 0;
  #stopping = false;

  constructor(options: ManagedOptions) {
    this.#options = options;
    this.#mark = ` --configFile=${options.staticFile}`;
    this.version = options.version;
  }

  get up(): boolean {
    return this.#pid !== undefined;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  async prepare(): Promise<void> {
    // What an earlier daemon left has the port by right: it is taken over or replaced.
    if (this.#processes().length === 0) await checkPublicPort(this.#options.listen, 'Traefik');
  }

  async ensureUp(): Promise<void> {
    if (this.up) return;
    this.#refuseWhenStopping();
    if (this.#starts === 0 && (await this.#adopt())) return;
    await this.#start();
  }

  /** Throws when Traefik could not watch its folder: it would answer, and never read what is in there. */
  takeRefusals(): string[] {
    this.#hear();
    return this.#said.splice(0);
  }

  #hear(): void {
    this.#said.push(...this.#options.errorLog.takeRefusals());
    const blind = this.#said.find((message) => BLIND.test(message));
    if (blind === undefined) return;
    this.#said = [];
    for (const pid of this.#processes()) send(pid, 'SIGKILL');
    this.#pid = undefined;
    throw new SignalboxError('PROXY_DOWN', `Traefik could not watch its folder and is started anew: ${blind}`, {
      hint: 'All processes of its user share fs.inotify.max_user_instances and max_user_watches: see sysctl(8).',
    });
  }

  async leftOut(): Promise<undefined> {}

  silence(): string {
    return `its log is ${this.#options.errorLog.path}`;
  }

  /**
   * TERM closes the listeners at once and lets running requests end; what is left after `drainMs` is cut. May be called again,
   * with less time, while it runs.
   */
  async stop(drainMs: number): Promise<void> {
    this.#stopping = true;
    clearInterval(this.#watch);
    const known = this.#processes();
    this.#pid = undefined;
    // Looked at anew each time: a number may be somebody else's by then.
    const left = () => known.filter((pid) => this.#isLeft(pid));
    for (const pid of left()) send(pid, drainMs > 0 ? 'SIGTERM' : 'SIGKILL');
    await untilGone(left, drainMs);
    for (const pid of left()) send(pid, 'SIGKILL');
    await untilGone(left, 500);
    rmSync(this.#options.pidFile, { force: true });
  }

  /** Has Traefik open its logs anew; false when it is down, and its next start does. */
  reopenLogs(): boolean {
    const pid = this.#pid ?? this.#pidInFile();
    if (pid === undefined) return false;
    send(pid, 'SIGUSR1');
    return true;
  }

  /** Takes over the Traefik that an earlier daemon left, if it runs with the configuration that we would give it. */
  async #adopt(): Promise<boolean> {
    const { log, marker, staticFile, renderStatic } = this.#options;
    const pid = this.#pidInFile();
    if (pid === undefined) return false;
    if (readIfThere(staticFile) !== renderStatic()) {
      log.info({ pid }, 'the Traefik that was running has another static configuration: it is replaced');
      return false;
    }
    try {
      if ((await marker.served()) === undefined) throw new Error('it has read nothing of what is in its folder');
    } catch (error) {
      log.warn({ pid, reason: describeError(error) }, 'a Traefik of ours runs but does not serve');
      return false;
    }
    log.info({ pid }, 'took over the Traefik that was running');
    // Its logs may have been deleted while nobody looked: it would write into files without a name.
    send(pid, 'SIGUSR1');
    this.#starts++;
    this.#watchProcess(pid, undefined);
    return true;
  }

  async #start(): Promise<void> {
    const { dir, staticFile, renderStatic, movePrivatePort, marker, listen, launch, log } = this.#options;
    const wait = this.#startedAt + RESTART_MS - Date.now();
    if (this.#starts > 0 && wait > 0) await delay(wait);
    await this.#clearOrphans();
    await checkPublicPort(listen, 'Traefik');
    if (await isTaken(marker.url)) await movePrivatePort();
    this.#refuseWhenStopping();
    replaceFile(staticFile, renderStatic(), 0o600, launch.user);
    this.#startedAt = Date.now();
    const putBack = this.#options.holdBack();
    let child: ChildProcess;
    let reason: string | undefined;
    try {
      child = this.#spawn();
      reason = await this.#untilAnswering(child, putBack !== undefined);
    } finally {
      putBack?.();
    }
    if (reason !== undefined) {
      const ended = child.pid === undefined || !isAlive(child.pid);
      child.kill('SIGKILL');
      this.#refuseWhenStopping();
      const said = this.takeRefusals().join('; ');
      // One that ends by itself does not like what it was given.
      const code = ended ? 'PROXY_REFUSED_CONFIG' : 'PROXY_DOWN';
      // What it had to say may not have found room in its log.
      const full = hasRoom(dir) ? '' : `, and no room is left in ${dir}`;
      throw new SignalboxError(code, `Traefik did not start: ${said || reason}${full}`);
    }
    this.#starts++;
    const took = Date.now() - this.#startedAt;
    log.info({ pid: child.pid, took }, this.#starts > 1 ? 'Traefik restarted' : 'Traefik started');
    this.#watchProcess(child.pid as number, child);
  }

  #spawn(): ChildProcess {
    const { traefik, dir, staticFile, pidFile, launch, errorLog } = this.#options;
    const { user } = launch;
    const output = openSync(errorLog.path, 'a', 0o600);
    try {
      if (user) chownSync(errorLog.path, user.uid, user.gid);
      const child = launch.start(traefik, [`--configFile=${staticFile}`], { cwd: dir, detached: true, output });
      child.unref();
      if (child.pid !== undefined) replaceFile(pidFile, `${child.pid}\n`);
      return child;
    } finally {
      closeSync(output);
    }
  }

  /** Undefined when it answers, and `reads` the file that it has to, else why it does not. */
  async #untilAnswering(child: ChildProcess, reads: boolean): Promise<string | undefined> {
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
      this.#hear();
      try {
        const served = await this.#options.marker.served();
        // What it complains of is for the next to judge who asks.
        if (served !== undefined || !reads || this.#said.length > 0) return undefined;
      } catch {
        // Not yet.
      }
      await delay(5);
    }
    return `no answer on its private entry point within ${START_MS / 1000} s`;
  }

  /** One that is still there holds the ports until it is told to end; its open connections may end by themselves. */
  async #clearOrphans(): Promise<void> {
    const { log, listen } = this.#options;
    const pids = this.#processes();
    if (pids.length === 0) return;
    for (const pid of pids) send(pid, 'SIGTERM');
    const deadline = Date.now() + CLOSE_MS;
    for (;;) {
      const taken = await checkPublicPort(listen, 'Traefik').then(
        () => false,
        () => true,
      );
      if (!taken) break;
      if (Date.now() > deadline) {
        const left = () => pids.filter((pid) => this.#isLeft(pid));
        for (const pid of left()) send(pid, 'SIGKILL');
        await untilGone(left, 500);
        break;
      }
      await delay(10);
    }
    log.warn({ pids }, 'stopped the Traefik that was left; its open connections may end by themselves');
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new SignalboxError('SHUTTING_DOWN', 'Traefik is being stopped');
  }

  /** Our own child tells when it ends; a Traefik that was taken over has to be looked at. */
  #watchProcess(pid: number, child: ChildProcess | undefined): void {
    if (this.#stopping) return;
    this.#pid = pid;
    clearInterval(this.#watch);
    const gone = (reason: string) => {
      if (this.#pid !== pid || this.#stopping) return;
      clearInterval(this.#watch);
      this.#pid = undefined;
      this.#options.onExit(`Traefik ended unexpectedly (${reason})`);
    };
    if (child) {
      if (child.exitCode !== null || child.signalCode !== null) gone('at once');
      else child.once('exit', (code, signal) => gone(signal ?? `status ${code}`));
      return;
    }
    this.#watch = setInterval(() => {
      if (!isAlive(pid)) gone('it was taken over from an earlier daemon, so its exit status is unknown');
    }, POLL_MS);
    this.#watch.unref();
  }

  /** The Traefik that serves, as far as the file tells; where processes can be seen only if it is one of ours. */
  #pidInFile(): number | undefined {
    const pid = Number(readIfThere(this.#options.pidFile)?.trim() || Number.NaN);
    if (!Number.isInteger(pid) || !isAlive(pid)) return undefined;
    return !canSeeProcesses || this.#isOurs(pid) ? pid : undefined;
  }

  /** All that run with our static configuration, those that only finish their connections among them. */
  #processes(): number[] {
    const own = processesEndingWith(this.#mark);
    const known = this.#pid ?? this.#pidInFile();
    return known === undefined || own.includes(known) || !isAlive(known) ? own : [known, ...own];
  }

  #isLeft(pid: number): boolean {
    return isAlive(pid) && (!canSeeProcesses || this.#isOurs(pid));
  }

  #isOurs(pid: number): boolean {
    return commandLine(pid)?.endsWith(this.#mark) === true;
  }
}

async function untilGone(left: () => readonly number[], ms: number): Promise<void> {
  const deadline = Date.now() + ms;
  while (left().length > 0 && Date.now() < deadline) await delay(10);
}

/** Does something else listen where our private entry point was? */
function isTaken({ hostname, port }: URL): Promise<boolean> {
  return checkPublicPort({ host: hostname, port: Number(port) }, 'Traefik').then(
    () => false,
    () => true,
  );
}
