import { lstatSync, mkdirSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureFolder } from '../../system/files.ts';
import type { Descriptor } from './descriptor.ts';
import { descriptorPath, isAddress } from './route-link.ts';
import { SharedFile } from './shared-file.ts';

/**
 * The run folder: symlinks that nginx follows, and what they lead to, whose names are the descriptors. nginx's
 * workers may run as another user: they may pass through (x), not list (r).
 */
export class Links {
  readonly #dir: string;
  /** Links are made here and renamed into place: made beside their place they would be routes for a moment. */
  readonly #scratch: string;
  readonly #targets = new SharedFile();

  constructor(dir: string) {
    this.#dir = dir;
    this.#scratch = join(dir, 'new');
  }

  open(): void {
    ensureFolder(this.#dir, 0o711);
    rmSync(this.#scratch, { recursive: true, force: true });
    ensureFolder(this.#scratch, 0o700);
  }

  /** Makes the name that links to a descriptor lead to. */
  target(descriptor: Descriptor): void {
    const path = `${this.#dir}/${descriptorPath(descriptor)}`;
    if (isAddress(descriptor)) this.#targets.add(path);
    else mkdirSync(path, { recursive: true, mode: 0o711 });
  }

  /** Points a link of its own in the run folder (the error target's) at a descriptor. */
  point(name: string, descriptor: Descriptor): void {
    this.target(descriptor);
    this.place(join(this.#dir, name), descriptorPath(descriptor));
  }

  /** Makes or replaces a symlink; a reader sees the old or the new one. Does nothing when it is there already (full disk). */
  place(path: string, to: string): void {
    try {
      symlinkSync(to, path);
      return;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') {
        mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
        symlinkSync(to, path);
        return;
      }
      if (code !== 'EEXIST') throw error;
    }
    if (lstatSync(path).isSymbolicLink() && readLink(path) === to) return;
    const temporary = join(this.#scratch, 'link');
    rmSync(temporary, { force: true });
    symlinkSync(to, temporary);
    renameSync(temporary, path);
  }
}

/** Where a symlink points, undefined when it isn't there. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
