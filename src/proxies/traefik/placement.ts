import { constants, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import type { Configuration, Placement } from '../../rollout/rollout.ts';

import { ensureFolder, type Owner, readIfThere } from '../../system/files.ts';
import { stateOf } from '../../system/watch.ts';
import { moveInto, STAGING_MODE } from './move-into.ts';

export interface TraefikConfiguration extends Configuration {
  /** The dynamic file. */
  readonly text: string;
}

/** Where the file with our routers is put. */
export interface FilePlace {
  /** In the folder that Traefik watches. */
  readonly path: string;
  /** Folder on the same file system in which files are written before they are moved there. */
  readonly staging: string;
  readonly mode: number;
  readonly owner: Owner | undefined;
  /** Where the last one that Traefik took is kept, on the same file system too. */
  readonly lastGood: string;
}

/** Has another Traefik try a file, where that can be done: see rehearsal.ts. */
export type Rehearse = (configuration: TraefikConfiguration) => Promise<void>;

/** The file with our routers, and the last one that Traefik took. */
export class TraefikPlacement implements Placement<TraefikConfiguration> {
  readonly #place: FilePlace;
  readonly #rehearse: Rehearse | undefined;
  /** State of the file when it was last known to be ours. */
  #state: string | undefined;

  constructor(place: FilePlace, rehearse: Rehearse | undefined) {
    this.#place = place;
    this.#rehearse = rehearse;
  }

  holds({ text }: TraefikConfiguration): boolean {
    const { path } = this.#place;
    const state = stateOf([path]);
    if (readIfThere(path) !== text) return false;
    this.#state = state;
    return true;
  }

  /** Has nobody touched it since? Cheap. */
  isUntouched(): boolean {
    return this.#state === undefined || this.#state === stateOf([this.#place.path]);
  }

  /** Traefik has no test of a file, and what it can't use it leaves out: only templates that are new are worth the trial. */
  async stage(configuration: TraefikConfiguration, isTrial: boolean): Promise<void> {
    if (isTrial) await this.#rehearse?.(configuration);
  }

  place({ text }: Pick<TraefikConfiguration, 'text'>): void {
    const { path, staging, mode, owner } = this.#place;
    moveInto(path, text, staging, mode, owner);
    this.#state = stateOf([path]);
  }

  keep({ text }: Pick<TraefikConfiguration, 'text'>): void {
    const { path, staging, lastGood } = this.#place;
    // One that is kept already needs no room on a full disk.
    if (readIfThere(lastGood) === text) return;
    ensureFolder(staging, STAGING_MODE);
    const staged = join(staging, 'good');
    // No link(2): not every file system that a folder is shared on has them.
    copyFileSync(path, staged, constants.COPYFILE_FICLONE);
    renameSync(staged, lastGood);
  }

  restore(): boolean {
    const { path, lastGood } = this.#place;
    const text = readIfThere(lastGood);
    if (text === undefined) rmSync(path, { force: true });
    else this.place({ text });
    return text !== undefined;
  }
}
