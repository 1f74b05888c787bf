import { hash } from 'node:crypto';
import type { Problem } from './problem.ts';
import { type ReadFile, readFailure } from './read-file.ts';

/** What was found when the token was looked for. Messages never contain the token, nor a path that may be one. */
export interface FoundToken {
  readonly token: string | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** The variables that can hold the token; the second is the one the Hub and configurable-http-proxy read. */
const VARIABLES = ['SIGNALBOX_API_TOKEN', 'CONFIGPROXY_AUTH_TOKEN'] as const;

/** Takes the first of the variables that is set, else the content of the file. */
export function findToken(
  env: NodeJS.ProcessEnv,
  file: { readonly path: string; readonly place: string } | undefined,
  readFile: ReadFile,
): FoundToken {
  const variable = VARIABLES.find((name) => env[name] !== undefined);
  if (variable !== undefined)
    return checked(env[variable] ?? '', variable, 'set it to the token the Hub has, or unset it');
  return file === undefined ? { token: undefined, problems: [], warnings: [] } : readTokenFile(file, readFile);
}

/** Takes the content of the file; `name`: of the setting that names it. */
export function readTokenFile(
  file: { readonly path: string; readonly place: string },
  readFile: ReadFile,
  name = 'token-file',
): FoundToken {
  try {
    const { text, mode } = readFile(file.path);
    const open = (mode & 0o004) !== 0;
    const warnings = open ? [`every user of this machine can read the ${name}: make it 0600`] : [];
    return { ...checked(text, file.place, 'put the token the Hub has into the file'), warnings };
  } catch (error) {
    return failed(file.place, `the file can't be read: ${readFailure(error)}`);
  }
}

/** How tokens are held that only have to be recognized. */
export function hashToken(token: string): Buffer {
  return hashBytes(Buffer.from(token, 'utf8'));
}

export function hashBytes(bytes: Buffer): Buffer {
  return hash('sha256', bytes, 'buffer');
}

function checked(text: string, place: string, mend: string): FoundToken {
  const token = text.trim();
  if (token === '') return failed(place, `the token is empty: ${mend}`);
  // it has to fit into the Hub's Authorization header
  if (!/^[\u0021-\u007e]+$/.test(token))
    return failed(place, `the token has spaces, line breaks or non-ASCII characters in it: ${mend}`);
  return { token, problems: [], warnings: [] };
}

function failed(place: string, message: string): FoundToken {
  return { token: undefined, problems: [{ place, message }], warnings: [] };
}
