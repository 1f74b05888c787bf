import { constants, copyFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Owner, readIfThere } from '../../system/files.ts';
import { stateOf } from '../../system/watch.ts';
import { moveInto } from './move-into.ts';

/** Where the file with our routers is put. */
export interface DynamicPlace {
  /** In the folder that Traefik watches. */
  readonly path: string;
  /** Folder on the same file system in which files are written before they are moved there. */
  readonly staging: string;
  readonly mode: number;
  readonly owner: Owner | undefined;
  /** Where the last one that Traefik took is kept, on the same file system too. */
  readonly lastGood: string;
}

/** The file with our routers, and the last one of them that Traefik took. */
export class DynamicFile {
  readonly #place: DynamicPlace;
  /** State of the file when it was last known to be ours. */
  #state: string | undefined;

  constructor(place: DynamicPlace) {
    this.#place = place;
  }

  /** Is that what lies there? */
  holds(text: string): boolean {
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

  place(text: string): void {
    const { path, staging, mode, owner } = this.#place;
    moveInto(path, text, staging, mode, owner);
    this.#state = stateOf([path]);
  }

  /** What is in place is good: it is what comes back when a later one is not. */
  keep(): void {
    const { path, staging, lastGood } = this.#place;
    const staged = join(staging, 'good');
    // No link(2): not every file system that a folder is shared on has them.
    copyFileSync(path, staged, constants.COPYFILE_FICLONE);
    renameSync(staged, lastGood);
  }

  /** Puts the last good one back; false when there has been none. */
  restore(): boolean {
    const { path, lastGood } = this.#place;
    const good = readIfThere(lastGood);
    if (good === undefined) rmSync(path, { force: true });
    else this.place(good);
    return good !== undefined;
  }
}
