import { constants, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration, Placement } from '../../rollout/rollout.ts';
import { ensureFolder, type Owner, readIfThere } from '../../system/files.ts';
import { stateOf } from '../../system/watch.ts';
import { moveInto, STAGING_MODE } from './move-into.ts';

export interface TraefikConfiguration extends Configuration {
  /** The dynamic file. */
  readonly routes: string;
  /** The file with TLS of the public side; undefined where that is its operator's. */
  readonly tls: string | undefined;
}

/** Where one of our files is put. */
export interface FilePlace {
  /** In the folder that Traefik watches. */
  readonly path: string;
  /** Where the last one that Traefik took is kept, on the same file system. */
  readonly lastGood: string;
}

/** Where our files are put. */
export interface FilePlaces {
  readonly routes: FilePlace;
  readonly tls?: FilePlace;
  /** Folder on the same file system in which files are written before they are moved there. */
  readonly staging: string;
  readonly mode: number;
  readonly owner: Owner | undefined;
}

/** Has another Traefik try the files, where that can be done: see rehearsal.ts. */
export type Rehearse = (configuration: TraefikConfiguration) => Promise<void>;

/** The files that Traefik reads, and the last ones that it took. */
export class TraefikPlacement implements Placement<TraefikConfiguration> {
  readonly #places: FilePlaces;
  readonly #rehearse: Rehearse | undefined;
  /** State of the files when they were last known to be ours. */
  #state: string | undefined;

  constructor(places: FilePlaces, rehearse: Rehearse | undefined) {
    this.#places = places;
    this.#rehearse = rehearse;
  }

  holds(configuration: TraefikConfiguration): boolean {
    const state = this.#stateNow();
    for (const { path, text } of this.#files(configuration)) if (readIfThere(path) !== text) return false;
    this.#state = state;
    return true;
  }

  /** Has nobody touched them since? Cheap. */
  isUntouched(): boolean {
    return this.#state === undefined || this.#state === this.#stateNow();
  }

  /** Traefik can't test a file, and a trial with another Traefik takes a second: only new templates are worth it. */
  async stage(configuration: TraefikConfiguration, isTrial: boolean): Promise<void> {
    if (isTrial) await this.#rehearse?.(configuration);
  }

  place(configuration: Pick<TraefikConfiguration, 'routes' | 'tls'>): void {
    const { staging, mode, owner } = this.#places;
    for (const { path, text } of this.#files(configuration))
      if (readIfThere(path) !== text) moveInto(path, text, staging, mode, owner);
    this.#state = this.#stateNow();
  }

  keep(configuration: TraefikConfiguration): void {
    const { staging } = this.#places;
    for (const { path, lastGood, text } of this.#files(configuration)) {
      // A file that is kept already needs no room on a full disk.
      if (readIfThere(lastGood) === text) continue;
      ensureFolder(staging, STAGING_MODE);
      const staged = join(staging, 'good');
      // No link(2): not every file system for shared folders has it.
      copyFileSync(path, staged, constants.COPYFILE_FICLONE);
      renameSync(staged, lastGood);
    }
  }

  restore(): boolean {
    const { routes, tls } = this.#places;
    const text = readIfThere(routes.lastGood);
    if (text === undefined) rmSync(routes.path, { force: true });
    else this.place({ routes: text, tls: tls && readIfThere(tls.lastGood) });
    return text !== undefined;
  }

  /** The one with the routers comes last: a Traefik that serves it has read the other too. */
  #files({ routes, tls }: Pick<TraefikConfiguration, 'routes' | 'tls'>): (FilePlace & { readonly text: string })[] {
    const places = this.#places;
    const first = places.tls && tls !== undefined ? [{ ...places.tls, text: tls }] : [];
    return [...first, { ...places.routes, text: routes }];
  }

  #stateNow(): string {
    const { routes, tls } = this.#places;
    return stateOf(tls ? [tls.path, routes.path] : [routes.path]);
  }
}
