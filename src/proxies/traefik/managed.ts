import { SignalboxError } from '../../errors.ts';
import type { ErrorLog } from '../../process/error-log.ts';
import { Supervised } from '../../process/supervised.ts';
import type { HostPort } from '../../system/address.ts';
import { readIfThere, replaceFile } from '../../system/files.ts';
import type { Log } from '../../system/log.ts';
import { isTaken } from '../../system/public-port.ts';
import type { Version } from '../version.ts';
import type { TraefikHost } from './host.ts';
import type { Launch } from './launch.ts';
import type { MarkerClient } from './marker-client.ts';
import { acceptingTraefiks, traefikMark } from './own-processes.ts';
import type { Rehearsal } from './rehearsal.ts';

export interface ManagedOptions {
  /** Path of the Traefik binary. */
  readonly traefik: string;
  readonly version: Version | undefined;
  /** Working folder of Traefik. */
  readonly dir: string;
  /** Path of the static configuration. */
  readonly staticFile: string;
  readonly pidFile: string;
  /** Text of the static configuration, which depends on the version; `marker` asks at its private entry point. */
  readonly renderStatic: () => string;
  /** Holds the routes back until Traefik is up; see starting.ts. */
  readonly holdBack: () => (() => void) | undefined;
  /** Finds another port for the private entry point, because another program has taken it. */
  readonly movePrivatePort: () => Promise<void>;
  readonly listen: HostPort;
  readonly launch: Launch;
  readonly marker: MarkerClient;
  readonly errorLog: ErrorLog;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Tries files out beforehand. */
  readonly rehearsal: Pick<Rehearsal, 'stop'>;
  /** Traefik ended without having been told to. */
  readonly onExit: (reason: string) => void;
}

/** What Traefik logs when inotify's limits are reached. */
const BLIND = /^Cannot start the provider \*file\./;

/** A Traefik that Signalbox starts, watches and stops. */
export class ManagedTraefik extends Supervised implements TraefikHost {
  readonly version: Version | undefined;
  readonly #errorLog: ErrorLog;
  readonly #rehearsal: ManagedOptions['rehearsal'];
  /** Refusals that nobody has asked for yet. */
  #said: string[] = [];
  /** Puts the routes that are held back in place. */
  #putBack: (() => void) | undefined;

  constructor(options: ManagedOptions) {
    const { listen, launch, staticFile, marker, renderStatic } = options;
    super({
      ...options,
      name: 'Traefik',
      mark: traefikMark(staticFile, launch),
      ends: ['SIGTERM'],
      startMs: 15_000,
      closeMs: 2_000,
      accepting: (own, told) => acceptingTraefiks(own, told, listen),
      async differs() {
        if (readIfThere(staticFile) !== renderStatic()) return 'has another static configuration';
        if ((await marker.served()) === undefined) throw new Error('it has read nothing of what is in its folder');
        return undefined;
      },
      beforeStart: async () => {
        const { hostname: host, port } = marker.url;
        if (await isTaken({ host, port: Number(port) })) await options.movePrivatePort();
        replaceFile(staticFile, renderStatic(), 0o600, launch.user);
        this.#putBack = options.holdBack();
      },
      launch: () => launch.start({ ...options, errorLog: options.errorLog.path }),
      serves: async () => {
        this.#hear();
        const served = await marker.served();
        // Its complaints are for the next caller of takeRefusals to judge.
        return served !== undefined || this.#putBack === undefined || this.#said.length > 0;
      },
      afterStart: () => {
        this.#putBack?.();
        this.#putBack = undefined;
      },
      takeRefusals: () => this.takeRefusals(),
    });
    this.version = options.version;
    this.#errorLog = options.errorLog;
    this.#rehearsal = options.rehearsal;
  }

  /** Throws when Traefik could not watch its folder: it would answer, and never read what is in it. */
  override takeRefusals(): string[] {
    this.#hear();
    return this.#said.splice(0);
  }

  #hear(): void {
    this.#said.push(...this.#errorLog.takeRefusals());
    const blind = this.#said.find((message) => BLIND.test(message));
    if (blind === undefined) return;
    this.#said = [];
    this.kill();
    throw new SignalboxError('PROXY_DOWN', `Traefik could not watch its folder and is started anew: ${blind}`, {
      hint: 'All processes of its user share fs.inotify.max_user_instances and max_user_watches: see sysctl(8).',
    });
  }

  async leftOut(): Promise<undefined> {}

  silence(): string {
    return `its log is ${this.#errorLog.path}`;
  }

  override async stop(drainMs: number): Promise<void> {
    await Promise.all([this.#rehearsal.stop(), super.stop(drainMs)]);
  }

  reopenLogs(): boolean {
    return this.tell('SIGUSR1');
  }
}
