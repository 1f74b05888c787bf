import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import type { Configuration, Placement } from '../../rollout/rollout.ts';
import { readIfThere, replaceFile } from '../../system/files.ts';
import type { Descriptor } from './descriptor.ts';
import { type Links, readLink } from './links.ts';
import type { Marks } from './marks.ts';

export interface NginxConfiguration extends Configuration {
  /** Texts by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** The routes in it, for a later daemon. */
  readonly entries: readonly (readonly [string, Descriptor])[];
}

export interface NginxPlacementOptions {
  readonly dir: string;
  readonly links: Links;
  readonly marks: Pick<Marks, 'only'>;
  /** Why nginx refuses a configuration that isn't in place yet; undefined when it accepts it or can't be asked. */
  readonly test: (configFile: string) => Promise<string | undefined>;
}

/**
 * Each configuration is a folder, and a link leads to the one in place:
 *
 *     conf-1f0c.../nginx.conf, signalbox.conf, rows.json
 *     current -> conf-1f0c...
 */
export class NginxPlacement implements Placement<NginxConfiguration> {
  readonly #options: NginxPlacementOptions;
  readonly #current: string;
  /** What an earlier daemon left counts as good. */
  #good: string | undefined;

  constructor(options: NginxPlacementOptions) {
    this.#options = options;
    this.#current = join(options.dir, 'current');
    this.#good = /^conf-(\w+)$/.exec(readLink(this.#current) ?? '')?.[1];
  }

  holds({ digest, files }: NginxConfiguration): boolean {
    if (readLink(this.#current) !== `conf-${digest}`) return false;
    return Object.entries(files).every(([name, text]) => readIfThere(join(this.#current, name)) === text);
  }

  async stage({ digest, files, entries }: NginxConfiguration): Promise<void> {
    const folder = this.#folder(digest);
    const remove = () => digest !== this.#good && rmSync(folder, { recursive: true, force: true });
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      for (const [name, text] of Object.entries(files)) replaceFile(join(folder, name), text);
      replaceFile(join(folder, 'rows.json'), JSON.stringify(entries));
    } catch (error) {
      // On a full disk each try would leave an incomplete one.
      remove();
      throw error;
    }
    const refusal = await this.#refusal(digest);
    if (!refusal) return;
    remove();
    throw refusal;
  }

  /** When nginx refuses the running configuration as well, neither routes nor templates are to blame. */
  async #refusal(digest: string): Promise<SignalboxError | undefined> {
    const refused = await this.#test(digest);
    if (refused === undefined) return undefined;
    const message = `nginx refuses the configuration: ${refused}`;
    if (this.#good === undefined) return new SignalboxError('PROXY_REFUSED_CONFIG', message);
    if ((await this.#test(this.#good)) !== undefined) {
      return new SignalboxError('PROXY_NOT_CONFIRMED', message, {
        hint: 'It refuses the one that it runs, too: something that it needs has changed.',
      });
    }
    // The reason may have gone between the two tests.
    if ((await this.#test(digest)) === undefined) return undefined;
    return new SignalboxError('PROXY_REFUSED_CONFIG', message, { hint: 'The last good configuration stays in place.' });
  }

  #test(digest: string): Promise<string | undefined> {
    return this.#options.test(join(this.#folder(digest), 'nginx.conf'));
  }

  place({ digest }: NginxConfiguration): void {
    this.#point(digest);
  }

  keep({ digest }: NginxConfiguration): void {
    this.#good = digest;
    this.#options.marks.only(digest);
    for (const name of readdirSync(this.#options.dir)) {
      if (/^conf-\w+$/.test(name) && name !== `conf-${digest}`) {
        rmSync(join(this.#options.dir, name), { recursive: true, force: true });
      }
    }
  }

  restore(): boolean {
    if (this.#good === undefined) return false;
    this.#point(this.#good);
    this.#options.marks.only(this.#good);
    return true;
  }

  #point(digest: string): void {
    this.#options.links.place(this.#current, `conf-${digest}`);
  }

  #folder(digest: string): string {
    return join(this.#options.dir, `conf-${digest}`);
  }
}
