import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, realpathSync, rmSync } from 'node:fs';
import { SignalboxError } from '../../errors.ts';
import { proxyEnvironment } from '../../process/environment.ts';
import type { ErrorLog } from '../../process/error-log.ts';
import { Supervised } from '../../process/supervised.ts';
import type { Log } from '../../system/log.ts';
import type { PublicPlace } from '../../system/public-port.ts';
import type { Version } from '../version.ts';
import type { Control } from './control.ts';
import type { NginxHost } from './host.ts';
import { acceptingNginxes, mastersOf, nginxMark, type OwnNginx, runningMaster } from './own-processes.ts';
import { testConfig } from './test-config.ts';
import { checkVersion } from './version.ts';
import { type Worker, workersOf } from './workers.ts';

export interface ManagedOptions extends OwnNginx {
  /** Path of the nginx binary. */
  readonly nginx: string;
  /** Of the program; undefined for a derivative of nginx with a version of its own. */
  readonly version: Version | undefined;
  readonly pidFile: string;
  readonly listen: PublicPlace;
  readonly control: Control;
  readonly errorLog: ErrorLog;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** nginx ended without having been told to. */
  readonly onExit: (reason: string) => void;
}

/** An nginx that Signalbox starts, watches and stops. */
export class ManagedNginx extends Supervised implements NginxHost {
  readonly canReload = true;
  readonly hearsRefusals = true;
  readonly #options: ManagedOptions;

  constructor(given: ManagedOptions) {
    const options = { ...given, dir: realpathSync(given.dir) };
    const { control, controlSocket } = options;
    super({
      ...options,
      name: 'nginx',
      mark: nginxMark(options),
      ends: ['SIGQUIT', 'SIGTERM'],
      startMs: 10_000,
      closeMs: 1_000,
      heads: mastersOf,
      running: () => runningMaster(options),
      accepting: (own, told) => acceptingNginxes(own, told, control, controlSocket),
      differs: async () => this.#howItDiffers((await control.served()).nginx),
      beforeStart: async () => rmSync(controlSocket, { force: true }),
      launch: () => launch(options),
      serves: () => control.servedAfresh().then(() => true),
      takeRefusals: () => options.errorLog.takeRefusals(),
    });
    this.#options = options;
  }

  override async prepare(): Promise<void> {
    checkVersion(this.#options.nginx, this.#options.version);
    await super.prepare();
  }

  async reload(): Promise<void> {
    if (!this.up || !this.tell('SIGHUP')) throw new SignalboxError('PROXY_DOWN', 'nginx is not running');
  }

  reopenLogs(): boolean {
    return this.tell('SIGUSR1');
  }

  async test(configFile: string): Promise<string | undefined> {
    // `nginx -t` opens the listeners for a moment. While none of our nginx processes has them, clients would be accepted and cut
    // off. The start, which comes next, tests the configuration as well.
    if (this.own().length === 0) return undefined;
    return testConfig(this.#options.nginx, this.#options.dir, configFile);
  }

  workers(): Worker[] | undefined {
    return this.process === undefined ? [] : workersOf(this.process.pid);
  }

  override async stop(drainMs: number): Promise<void> {
    await super.stop(drainMs);
    rmSync(this.#options.controlSocket, { force: true });
  }

  /** An nginx that is older than the program would refuse, at each reload, what is rendered for the program. */
  #howItDiffers(running: string): string | undefined {
    const version = this.#options.version?.text;
    return version === undefined || version === running ? undefined : `is ${running}, and its program now ${version}`;
  }
}

function launch({ nginx, dir, configFile, errorLog }: ManagedOptions): ChildProcess {
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
