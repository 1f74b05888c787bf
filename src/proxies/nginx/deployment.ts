import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeError, SignalboxError } from '../../errors.ts';
import { readIfThere, replaceFile } from '../../system/files.ts';
import type { Log } from '../../system/log.ts';
import type { Rendered } from './config.ts';
import type { Control, Served } from './control.ts';
import type { Descriptor } from './descriptor.ts';
import type { NginxHost } from './host.ts';
import { type Links, readLink } from './links.ts';
import type { Worker } from './workers.ts';

export interface DeploymentOptions {
  dir: string;
  links: Links;
  host: NginxHost;
  control: Control;
  log: Pick<Log, 'info' | 'error'>;
}

const CONFIRM_MS = 5_000;
const POLL_MS = 10;
/** Where processes can't be seen: how long only the new configuration must have answered. nginx gives old workers 100 ms. */
const QUIET_MS = 250;

/**
 * Puts configurations in place: staged in a folder of its own, tested by nginx, swapped in by one rename(2), reloaded, and
 * believed only when nginx answers with it. What fails leaves the last good one in place.
 *
 *     conf-1f0c.../nginx.conf, signalbox.conf, rows.json
 *     current -> conf-1f0c...
 */
export class Deployment {
  readonly #options: DeploymentOptions;
  #version: string | undefined;
  #deployed: Rendered | undefined;
  #reloadedAt = 0;
  reloads = 0;

  constructor(options: DeploymentOptions) {
    this.#options = options;
    this.#version = /^conf-(\w+)$/.exec(readLink(join(options.dir, 'current')) ?? '')?.[1];
  }

  /** The version in place. */
  get version(): string | undefined {
    return this.#version;
  }

  /** Milliseconds since the last reload. */
  get sinceReload(): number {
    return Date.now() - this.#reloadedAt;
  }

  /** Is what was put in place last still there, unchanged? */
  isIntact(): boolean {
    return this.#deployed !== undefined && this.#isInPlace(this.#deployed);
  }

  /** Makes nginx run `rendered`. Throws and leaves the last good configuration in place when nginx refuses it. */
  async deploy(rendered: Rendered, rows: Iterable<[string, Descriptor]>): Promise<void> {
    const { host } = this.#options;
    const before = this.#version;
    if (this.#isInPlace(rendered)) {
      this.#deployed = rendered;
      await host.ensureUp();
      if ((await this.#served()).version === before) return;
    } else {
      await this.#stage(rendered, rows);
      this.#point(rendered.version);
      this.#deployed = rendered;
    }
    try {
      if (host.up) await this.#reload(rendered.version);
      else await this.#start(rendered.version);
    } catch (error) {
      // Where we can't reload, the tested configuration stays in place for whoever does it.
      const canRestore = before !== undefined && before !== rendered.version && host.canReload;
      if (canRestore && isRefusal(error)) await this.#restore(before);
      throw error;
    }
    this.#clean(rendered.version);
  }

  async #stage(rendered: Rendered, rows: Iterable<[string, Descriptor]>): Promise<void> {
    const { dir, host } = this.#options;
    const folder = join(dir, `conf-${rendered.version}`);
    const remove = () => rendered.version !== this.#version && rmSync(folder, { recursive: true, force: true });
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const [name, text] of Object.entries(rendered.files)) replaceFile(join(folder, name), text);
      replaceFile(join(folder, 'rows.json'), JSON.stringify([...rows]));
    } catch (error) {
      // On a full disk each try would leave a part of one.
      remove();
      throw error;
    }
    const refused = await host.test(join(folder, 'nginx.conf'));
    if (refused === undefined) return;
    remove();
    throw new SignalboxError('PROXY_REFUSED_CONFIG', `nginx refuses the configuration: ${refused}`, {
      hint: 'The last good configuration stays in place.',
    });
  }

  async #start(version: string): Promise<void> {
    await this.#options.host.ensureUp();
    // One that was taken over runs what it was started with.
    if ((await this.#served()).version !== version) await this.#reload(version);
  }

  async #reload(version: string): Promise<void> {
    const { host, log } = this.#options;
    if (!host.canReload) {
      throw new SignalboxError('PROXY_NOT_CONFIRMED', 'nginx has to be reloaded, and there is no way to do it', {
        hint: 'Set --nginx-pid-file or --reload-command, or reload nginx by hand.',
      });
    }
    host.takeRefusals();
    const old = host.workers()?.filter(({ draining }) => !draining);
    this.#reloadedAt = Date.now();
    const asked = host.reload();
    this.reloads++;
    await this.#confirm(version, old, asked);
    log.info({ version }, 'nginx was reloaded');
  }

  /**
   * Waits until nginx answers with `version` and nothing older accepts requests: `old` workers have begun to drain or, where
   * they can't be seen, only the new version has answered for a while. A reload that was asked for by a command may be done long before
   * the command is.
   */
  async #confirm(version: string, old: readonly Worker[] | undefined, asked: Promise<void>): Promise<void> {
    const { host, control } = this.#options;
    let deadline = Number.POSITIVE_INFINITY;
    let failure: unknown;
    asked.then(
      () => {
        deadline = Date.now() + CONFIRM_MS;
      },
      (error: unknown) => {
        deadline = 0;
        failure = error;
      },
    );
    let newSince: number | undefined;
    let last = 'nothing';
    while (Date.now() < deadline) {
      try {
        last = (await control.servedAfresh()).version;
      } catch (error) {
        last = describeError(error);
        // It died meanwhile: it has to be started, and no waiting brings an answer.
        if (!host.up) throw new SignalboxError('PROXY_DOWN', 'nginx ended during its reload');
      }
      if (last !== version) newSince = undefined;
      else newSince ??= Date.now();
      if (newSince !== undefined && this.#oldOnesDrain(old, newSince)) return;
      await delay(POLL_MS);
    }
    if (failure !== undefined) throw failure;
    const said = host.takeRefusals().join('; ');
    throw new SignalboxError(
      'PROXY_NOT_CONFIRMED',
      `nginx was reloaded but serves ${last}, not ${version}${said && `: ${said}`}`,
      {},
    );
  }

  #oldOnesDrain(old: readonly Worker[] | undefined, newSince: number): boolean {
    if (old?.length === 0) return true;
    const now = this.#options.host.workers();
    if (old === undefined || now === undefined) return Date.now() - newSince >= QUIET_MS;
    return old.every(({ pid }) => now.find((worker) => worker.pid === pid)?.draining !== false);
  }

  async #restore(version: string): Promise<void> {
    const { host, log } = this.#options;
    this.#point(version);
    try {
      if (host.up) await this.#reload(version);
      else await host.ensureUp();
      log.info({ version }, 'put the last good configuration back');
    } catch (error) {
      log.error({ version }, `could not put the last good configuration back: ${describeError(error)}`);
    }
  }

  #isInPlace({ version, files }: Rendered): boolean {
    const current = join(this.#options.dir, 'current');
    if (readLink(current) !== `conf-${version}`) return false;
    return Object.entries(files).every(([name, text]) => readIfThere(join(current, name)) === text);
  }

  #point(version: string): void {
    this.#options.links.place(join(this.#options.dir, 'current'), `conf-${version}`);
    this.#version = version;
  }

  #served(): Promise<Served> {
    return this.#options.control.servedAfresh();
  }

  #clean(version: string): void {
    for (const name of readdirSync(this.#options.dir)) {
      if (/^conf-\w+$/.test(name) && name !== `conf-${version}`) {
        rmSync(join(this.#options.dir, name), { recursive: true, force: true });
      }
    }
  }
}

/** Is the configuration to blame, rather than an nginx that isn't there? */
function isRefusal(error: unknown): boolean {
  return error instanceof SignalboxError && ['PROXY_NOT_CONFIRMED', 'PROXY_REFUSED_CONFIG'].includes(error.code);
}
