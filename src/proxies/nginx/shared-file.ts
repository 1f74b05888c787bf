import { closeSync, linkSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * An empty file that has many names. A name takes no inode of its own, and a tenth of the time of a folder. Where a file system knows
 * no such names, each is a file.
 */
export class SharedFile {
  /** The last one that had to be made. */
  #file: string | undefined;

  /** Makes a name, and the folders above it, unless it is there. */
  add(path: string): void {
    try {
      this.#add(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      mkdirSync(dirname(path), { recursive: true, mode: 0o711 });
      this.#add(path);
    }
  }

  #add(path: string): void {
    try {
      if (this.#link(path)) return;
      closeSync(openSync(path, 'wx', 0o600));
      this.#file = path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }

  /** False when the file is gone or has as many names as it may have, 65,000 on ext4. */
  #link(path: string): boolean {
    if (this.#file === undefined) return false;
    try {
      linkSync(this.#file, path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
      return false;
    }
  }
}
