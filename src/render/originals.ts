import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readIfThere, replaceFile } from '../system/files.ts';

/** One of our templates as it was when the user took a copy of it. */
export interface Original {
  readonly text: string;
  /** The release it is from. */
  readonly version: string;
}

/**
 * What the user's templates were copied from: `.signalbox/` in the user's folder, beside the copies, so that it goes into the same
 * version control. With it an upgrade can tell what changed with us from what the user changed.
 */
export class Originals {
  readonly #dir: string;

  /** `folder`: the user's, of one proxy. */
  constructor(folder: string) {
    this.#dir = join(folder, '.signalbox');
  }

  get(name: string): Original | undefined {
    const text = readIfThere(join(this.#dir, name));
    return text === undefined ? undefined : { text, version: this.#versions()[name] ?? 'an unknown release' };
  }

  record(name: string, { text, version }: Original): void {
    const path = join(this.#dir, name);
    mkdirSync(dirname(path), { recursive: true });
    replaceFile(path, text, 0o644);
    const versions = { ...this.#versions(), [name]: version };
    replaceFile(this.#versionsFile, `${JSON.stringify(versions, Object.keys(versions).sort(), 2)}\n`, 0o644);
  }

  get #versionsFile(): string {
    return join(this.#dir, 'versions.json');
  }

  #versions(): Record<string, string> {
    return JSON.parse(readIfThere(this.#versionsFile) ?? '{}');
  }
}
