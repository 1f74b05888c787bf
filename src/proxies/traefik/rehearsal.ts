import { chownSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import { ownProcesses, signal } from '../../process/own.ts';
import { Supervised } from '../../process/supervised.ts';
import type { Templates } from '../../render/templates.ts';
import { ensureFolder, readIfThere, replaceFile } from '../../system/files.ts';
import { freePort } from '../../system/free-port.ts';
import type { Version } from '../version.ts';
import type { Launch } from './launch.ts';
import { parseLogLine } from './log-line.ts';
import { MarkerClient } from './marker-client.ts';
import { traefikMark } from './own-processes.ts';
import type { TraefikConfiguration } from './placement.ts';
import { staticSettings, type TraefikPaths } from './settings.ts';

export interface RehearsalOptions {
  /** Path of the Traefik binary. */
  readonly traefik: string;
  /** Is made for the rehearsal, and removed. */
  readonly dir: string;
  readonly launch: Launch;
  readonly version: Version | undefined;
  readonly config: Config;
  readonly templates: () => Templates;
  readonly token: string;
}

const HOST = '127.0.0.1';
const PATIENCE_MS = 15_000;
const ROUTER_MS = 4;

/**
 * Traefik can't test a file: it serves what it can read, without the routers that it can't build. So files from new templates are
 * first given to another Traefik, on other ports, for a moment.
 */
export class Rehearsal {
  readonly #options: RehearsalOptions;
  readonly #staticFile: string;
  #trial: Supervised | undefined;
  #stopped = false;

  constructor(options: RehearsalOptions) {
    this.#options = options;
    this.#staticFile = join(options.dir, 'static.yml');
  }

  /** Throws PROXY_REFUSED_CONFIG when the other Traefik does not come to serve the files without a complaint. */
  async rehearse({ routes, tls, digest, size }: TraefikConfiguration): Promise<void> {
    const { dir, launch, token, traefik } = this.#options;
    const { user } = launch;
    const paths = {
      watched: join(dir, 'dynamic'),
      errorLog: join(dir, 'error.log'),
      accessLog: join(dir, 'access.log'),
    };
    this.clear();
    const ports = { public: await freePort(HOST), private: await freePort(HOST), redirect: await freePort(HOST) };
    if (this.#stopped) throw new SignalboxError('SHUTTING_DOWN', 'Traefik is being stopped');
    const marker = new MarkerClient(new URL(`http://${HOST}:${ports.private}`), token);
    const trial = new Supervised({
      name: 'a trial Traefik',
      dir,
      listen: { host: HOST, port: ports.public },
      mark: traefikMark(this.#staticFile, launch),
      ends: ['SIGKILL'],
      startMs: PATIENCE_MS + size * ROUTER_MS,
      closeMs: 0,
      accepting: async () => [],
      launch: () => launch.start({ traefik, dir, staticFile: this.#staticFile, errorLog: paths.errorLog }),
      async serves() {
        const served = await marker.served().catch(() => undefined);
        const said = complaints(paths.errorLog);
        if (said.length > 0) throw refused(said.join('; '));
        return served === digest;
      },
      takeRefusals: () => complaints(paths.errorLog),
      log: { info() {}, warn() {} },
      onExit() {},
    });
    // A daemon that ends without stopping takes the trial with it.
    const kill = () => trial.kill();
    process.once('exit', kill);
    this.#trial = trial;
    try {
      for (const folder of [dir, paths.watched]) ensureFolder(folder, 0o700);
      replaceFile(this.#staticFile, this.#staticText(ports, paths), 0o600, user);
      if (tls !== undefined) replaceFile(join(paths.watched, 'tls.yml'), tls, 0o600, user);
      replaceFile(join(paths.watched, 'routes.yml'), routes, 0o600, user);
      if (user) for (const path of [dir, paths.watched]) chownSync(path, user.uid, user.gid);
      await trial.ensureUp();
    } catch (error) {
      const isSilent = error instanceof SignalboxError && error.code === 'PROXY_DOWN';
      throw isSilent ? refused('it does not come to serve what Signalbox asks for in it') : error;
    } finally {
      await trial.stop(0);
      this.#trial = undefined;
      process.off('exit', kill);
      marker.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }

  /** Removes what a daemon has left that was killed during a rehearsal. */
  clear(): void {
    const { dir, launch } = this.#options;
    for (const left of ownProcesses(traefikMark(this.#staticFile, launch))) signal(left, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  }

  /** The same entry points on other ports, without dashboard and access log. */
  #staticText(ports: Record<'public' | 'private' | 'redirect', number>, paths: TraefikPaths): string {
    const { config, version, templates } = this.#options;
    const redirect = config.redirect && { host: HOST, port: ports.redirect };
    const quiet = { ...config, redirect, traefikDashboard: undefined, activity: false };
    const listen = { host: HOST, port: ports.public };
    return templates().render('static.yml', staticSettings(quiet, listen, ports.private, version, paths));
  }

  /** Breaks off a running rehearsal: its Traefik ends at once. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#trial?.stop(0);
  }
}

function complaints(log: string): string[] {
  const lines = (readIfThere(log) ?? '').split('\n').filter((line) => line !== '');
  return lines
    .map(parseLogLine)
    .filter(({ isRefusal }) => isRefusal)
    .map(({ message }) => message);
}

function refused(why: string): SignalboxError {
  return new SignalboxError('PROXY_REFUSED_CONFIG', `Traefik refuses the configuration: ${why}`, {
    hint: 'The last good configuration stays in place.',
  });
}
