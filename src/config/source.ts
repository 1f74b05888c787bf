import type { Problem } from './problem.ts';
import { isFileOnly, isKey, type Key } from './schema.ts';

/** The text a source gives for a key. */
export interface Given {
  readonly key: Key;
  readonly text: string;
  /** For a setting that is a mapping: what is in it. */
  readonly branches?: readonly Branch[];
  /** What stands there instead of a text (`nothing`, `a list`), which is then empty and thus wrong for every kind. */
  readonly instead?: string;
  /** Where, for messages. */
  readonly place: string;
  /** The place says which key it is. */
  readonly named: boolean;
}

/** What a mapping in the file has under one name. */
export interface Branch {
  readonly name: string;
  readonly place: string;
  /** A single value. */
  readonly text?: string;
  /** A mapping again. */
  readonly branches?: readonly Branch[];
  /** What stands there instead of both. */
  readonly instead?: string;
}

/** What one source (file, environment, flags) says, in its own order. */
export type Source = readonly (Given | Problem)[];

/** What the command line says, and the file it names. */
export interface Flags {
  readonly source: Source;
  readonly config: string | undefined;
}

/** Why there is no key for the token itself, and where it goes. */
export const TOKEN_HINT = 'the token goes into SIGNALBOX_API_TOKEN, or into the file that token-file names';

/** `token`, `--api-token`, `SIGNALBOX_TOKEN`: a name under which someone means to give the token itself. */
export function meansToken(name: string): boolean {
  return /token$/i.test(name) && !isKey(name);
}

/** Why a setting that stands in the file alone is no flag and no variable; undefined for others. */
export function fileOnlyHint(name: string): string | undefined {
  return isKey(name) && isFileOnly(name) ? `${name} stands in the file alone (--config FILE)` : undefined;
}
