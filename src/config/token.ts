import { hash } from 'node:crypto';
import type { Problem } from './problem.ts';
import { type ReadFile, readFailure } from './read-file.ts';

/** What was found when the token was looked for. Messages never contain the token, nor a path that may be one. */
export interface FoundToken {
  readonly token: string | undefined;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** A file that is to hold a token, and where it is named. */
export interface TokenFile {
  readonly path: string;
  readonly place: string;
}

/** Where a token may stand, and whose it is to be, for messages. */
interface Sort {
  /** The first that is set counts. */
  readonly variables: readonly string[];
  /** The setting that names its file. */
  readonly setting: 'token-file' | 'read-token-file';
  readonly owner: string;
}

/** The second variable is the one the Hub and configurable-http-proxy read. */
const WHOLE: Sort = {
  variables: ['SIGNALBOX_API_TOKEN', 'CONFIGPROXY_AUTH_TOKEN'],
  setting: 'token-file',
  owner: 'the token the Hub has',
};
const READ: Sort = {
  variables: ['SIGNALBOX_READ_TOKEN'],
  setting: 'read-token-file',
  owner: 'a token that nothing else has',
};

/** The token for the whole table: of the first of its variables that is set, else the content of the file. */
export function findToken(env: NodeJS.ProcessEnv, file: TokenFile | undefined, readFile: ReadFile): FoundToken {
  return find(WHOLE, env, file, readFile);
}

/** The token that reads and changes nothing; it must not be `whole`. */
export function findReadToken(
  env: NodeJS.ProcessEnv,
  file: TokenFile | undefined,
  whole: FoundToken,
  readFile: ReadFile,
): FoundToken {
  const found = find(READ, env, file, readFile);
  if (found.token === undefined || found.token !== whole.token) return found;
  const place = READ.variables.find((name) => env[name] !== undefined) ?? file?.place ?? '';
  return failed(place, `the token is the one for the whole table, too: take ${READ.owner}`);
}

function find(
  { variables, setting, owner }: Sort,
  env: NodeJS.ProcessEnv,
  file: TokenFile | undefined,
  read: ReadFile,
) {
  const variable = variables.find((name) => env[name] !== undefined);
  if (variable !== undefined) return checked(env[variable] ?? '', variable, `set it to ${owner}, or unset it`);
  return file === undefined
    ? { token: undefined, problems: [], warnings: [] }
    : readTokenFile(file, read, setting, owner);
}

/** Takes the content of the file; `name`: of the setting that names it. */
export function readTokenFile(file: TokenFile, readFile: ReadFile, name: string, owner = WHOLE.owner): FoundToken {
  try {
    const { text, mode } = readFile(file.path);
    const open = (mode & 0o004) !== 0;
    const warnings = open ? [`every user of this machine can read the ${name}: make it 0600`] : [];
    return { ...checked(text, file.place, `put ${owner} into the file`), warnings };
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
