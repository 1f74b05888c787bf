import type { Problem } from './problem.ts';
import { isKey, type Key } from './schema.ts';

/** The text a source gives for a key. */
export interface Given {
  readonly key: Key;
  readonly text: string;
  /** What stands there instead of a text (`nothing`, `a list`), which is then empty and thus wrong for every kind. */
  readonly instead?: string;
  /** Where, for messages. */
  readonly place: string;
  /** The place says which key it is. */
  readonly named: boolean;
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
