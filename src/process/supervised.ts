import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../errors.ts';
import { hasRoom } from '../system/disk-room.ts';
import { replaceFile } from '../system/files.ts';
import { checkPublicPort } from '../system/public-port.ts';
import { hasEnded, type OwnProcess, ownProcess, ownProcesses, signal, unseen } from './own.ts';
import { pidInFile } from './pid-in-file.ts';
import { canSeeProcesses } from './processes.ts';
import type { ProxyHost } from './proxy-host.ts';
import type { SupervisedSpec } from './supervised-spec.ts';
import { type Failure, untilServing } from './until-serving.ts';

const POLL_MS = 100;
/** Between two starts, so that a program that dies at once is not started hundreds of times a second. */
const RESTART_MS = 500;
/** How long a signal that cuts connections may take, ms. */
const CUT_MS = 500;

/**
 * A program that Signalbox starts, watches and stops. It is started apart from the daemon (own session, no pipes), so that a
 * daemon that is killed leaves it serving; the next one takes it over.
 */
export class Supervised implements ProxyHost {
  readonly #spec: SupervisedSpec;
  #process: OwnProcess | undefined;
  #child: ChildProcess | undefined;
  #up = false;
  #watch: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #starts = 0;
  #stopping = false;

  constructor(spec: SupervisedSpec) {
    this.#spec = spec;
  }

  get up(): boolean {
    return this.#up;
  }

  get restarts(): number {
    return Math.max(0, this.#starts - 1);
  }

  /** The one that serves, or did when it was last looked at. */
  get process(): OwnProcess | undefined {
    return this.#process;
  }

  async prepare(): Promise<void> {
    const { name, listen } = this.#spec;
    // A port that is held by what an earlier daemon left is no conflict: that is taken over or ended.
    if (this.own().length > 0 || (await this.#accepting(new Set())).length > 0) return;
    await checkPublicPort(listen, name);
  }

  async ensureUp(): Promise<void> {
    if (this.#up) return;
    this.#refuseWhenStopping();
    if (this.#starts === 0 && (await this.#adopt())) return;
    await this.#start();
  }

  takeRefusals(): string[] {
    return this.#spec.takeRefusals();
  }

  /** Signals the process that serves, or the one that an earlier daemon left; false when there is none. */
  tell(name: NodeJS.Signals): boolean {
    const process = this.#process ?? this.#running();
    return process !== undefined && this.#signal(process, name);
  }

  /** Kills all its processes because they are of no use; the next `ensureUp` starts it anew. */
  kill(): void {
    for (const process of this.own()) this.#signal(process, 'SIGKILL');
    clearInterval(this.#watch);
    this.#process = undefined;
    this.#up = false;
  }

  /** Running requests may end within `drainMs`, what is left is cut. May be called again, with less time, while it runs. */
  async stop(drainMs: number): Promise<void> {
    const { ends, pidFile } = this.#spec;
    const [drain, cut] = ends;
    this.#stopping = true;
    clearInterval(this.#watch);
    this.#up = false;
    if (drainMs > 0) await this.#end(drain, drainMs);
    if (cut) await this.#end(cut, CUT_MS);
    await this.#end('SIGKILL', CUT_MS);
    if (pidFile !== undefined) rmSync(pidFile, { force: true });
  }

  /** All its processes; where they can't be seen, only the one that is known. */
  own(): OwnProcess[] {
    const seen = ownProcesses(this.#spec.mark);
    const known = this.#process ?? (canSeeProcesses ? undefined : this.#running());
    if (known === undefined || seen.some(({ pid }) => pid === known.pid) || hasEnded(known)) return seen;
    return [known, ...seen];
  }

  /** Takes over the one that an earlier daemon left, without touching a connection. */
  async #adopt(): Promise<boolean> {
    const { name, log, differs } = this.#spec;
    const running = this.#running();
    if (running === undefined || !differs) return false;
    const { pid } = running;
    try {
      const difference = await differs();
      if (difference !== undefined) {
        log.info({ pid }, `the ${name} that was running ${difference}: it is replaced`);
        return false;
      }
    } catch (error) {
      log.warn({ pid, reason: describeError(error) }, `the ${name} that was running does not serve: it is replaced`);
      return false;
    }
    log.info({ event: 'start', pid }, `took over the ${name} that was running`);
    // Its logs may have been deleted meanwhile: it would go on writing into the deleted files.
    this.#signal(running, 'SIGUSR1');
    this.#writePid(pid);
    this.#watchOver(running, undefined);
    return true;
  }

  async #start(): Promise<void> {
    const { name, listen, beforeStart, afterStart, log } = this.#spec;
    const wait = this.#startedAt + RESTART_MS - Date.now();
    if (this.#starts > 0 && wait > 0) await delay(wait);
    await this.#clear();
    await checkPublicPort(listen, name);
    this.#refuseWhenStopping();
    await beforeStart?.();
    this.#startedAt = Date.now();
    let child: ChildProcess;
    try {
      child = await this.#launch();
    } finally {
      afterStart?.();
    }
    const took = Date.now() - this.#startedAt;
    const [event, did] = this.#starts > 0 ? (['restart', 'restarted'] as const) : (['start', 'started'] as const);
    log.info({ event, pid: child.pid, took }, `${name} ${did}`);
    this.#watchOver(this.#identity(child.pid as number), child);
  }

  async #launch(): Promise<ChildProcess> {
    this.#refuseWhenStopping();
    const child = this.#spec.launch();
    try {
      if (child.pid !== undefined) this.#writePid(child.pid);
      const failure = await untilServing(child, {
        ...this.#spec,
        serves: () => {
          this.#refuseWhenStopping();
          return this.#spec.serves();
        },
      });
      if (failure !== undefined) throw this.#didNotStart(failure);
      return child;
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  #didNotStart({ ended, reason }: Failure): SignalboxError {
    const { name, dir } = this.#spec;
    this.#refuseWhenStopping();
    const said = this.takeRefusals().join('; ');
    // Its last words may not have fitted on the disk.
    const isFull = !hasRoom(dir);
    const full = isFull ? `, and no room is left in ${dir}` : '';
    // A program that ends by itself and says why refuses its configuration, unless the disk is full.
    const code = ended && said !== '' && !isFull ? 'PROXY_REFUSED_CONFIG' : 'PROXY_DOWN';
    return new SignalboxError(code, `${name} did not start: ${said || reason}${full}`);
  }

  /** Tells what an earlier daemon left to end, and waits until it takes no connections any more. Open ones may end by themselves. */
  async #clear(): Promise<void> {
    const { name, closeMs, log } = this.#spec;
    const [drain] = this.#spec.ends;
    const told = new Set<number>();
    const deadline = Date.now() + closeMs;
    for (;;) {
      const left = await this.#accepting(told);
      if (left.length === 0) break;
      const late = Date.now() > deadline;
      for (const process of late ? left : this.#heads(left)) {
        if (!late && told.has(process.pid)) continue;
        this.#signal(process, late ? 'SIGKILL' : drain);
        told.add(process.pid);
      }
      if (late) {
        const cut = Date.now() + CUT_MS;
        while (left.some((process) => !hasEnded(process)) && Date.now() < cut) await delay(5);
        break;
      }
      await delay(5);
    }
    if (told.size === 0) return;
    log.warn({ pids: [...told] }, `stopped the ${name} that was left; its open connections may end by themselves`);
  }

  /** Signals the processes that pass it on, or all, and waits until none is left. */
  async #end(name: NodeJS.Signals, ms: number): Promise<void> {
    const told = new Set<number>();
    const deadline = Date.now() + ms;
    for (let pause = 5; ; pause = Math.min(pause * 1.2, POLL_MS)) {
      const left = this.own().filter((process) => !hasEnded(process));
      for (const process of name === 'SIGKILL' ? left : this.#heads(left)) {
        if (!told.has(process.pid) && this.#signal(process, name)) told.add(process.pid);
      }
      if (left.length === 0 || Date.now() >= deadline) return;
      // Looking at all processes is not free, and a drain may take hours.
      await delay(pause);
    }
  }

  /** Our own child tells when it ends; one that was taken over has to be looked at. */
  #watchOver(process: OwnProcess, child: ChildProcess | undefined): void {
    this.#starts++;
    if (this.#stopping) return;
    const { name, onExit } = this.#spec;
    this.#process = process;
    this.#child = child;
    this.#up = true;
    clearInterval(this.#watch);
    const gone = (reason: string) => {
      if (this.#process !== process || this.#stopping) return;
      clearInterval(this.#watch);
      this.#process = undefined;
      this.#up = false;
      onExit(`${name} ended unexpectedly (${reason})`);
    };
    if (child) {
      if (child.exitCode !== null || child.signalCode !== null) gone('at once');
      else child.once('exit', (code, signal) => gone(signal ?? `status ${code}`));
      return;
    }
    this.#watch = setInterval(() => {
      if (hasEnded(process)) gone('it was taken over from an earlier daemon, so its exit status is unknown');
    }, POLL_MS);
    this.#watch.unref();
  }

  #refuseWhenStopping(): void {
    if (this.#stopping) throw new SignalboxError('SHUTTING_DOWN', `${this.#spec.name} is being stopped`);
  }

  /** The one to take over. */
  #running(): OwnProcess | undefined {
    const { running, pidFile, mark } = this.#spec;
    if (running && canSeeProcesses) return running();
    const pid = pidFile === undefined ? undefined : pidInFile(pidFile);
    return pid === undefined ? undefined : ownProcess(pid, mark);
  }

  #accepting(told: ReadonlySet<number>): Promise<readonly OwnProcess[]> {
    return this.#spec.accepting(this.own(), told);
  }

  #heads(processes: readonly OwnProcess[]): readonly OwnProcess[] {
    return this.#spec.heads?.(processes) ?? processes;
  }

  #identity(pid: number): OwnProcess {
    return ownProcess(pid, this.#spec.mark) ?? unseen(pid, this.#spec.mark);
  }

  #signal(process: OwnProcess, name: NodeJS.Signals): boolean {
    // For its own child Node knows whether it has ended, so the signal can't reach another process.
    if (process.pid === this.#child?.pid) return this.#child.kill(name);
    try {
      return signal(process, name);
    } catch {
      return false;
    }
  }

  /** On a full disk there is none, and a later daemon has to do without. */
  #writePid(pid: number): void {
    const { name, pidFile, log } = this.#spec;
    if (pidFile === undefined) return;
    try {
      replaceFile(pidFile, `${pid}\n`);
    } catch (error) {
      log.warn({ pid, reason: describeError(error) }, `the pid file of ${name} can't be written`);
    }
  }
}
