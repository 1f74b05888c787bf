import type { Choice } from '../../config/choose.ts';
import { ConfigError, type Problem } from '../../config/problem.ts';
import { type ReadFile, readFailure, readTextFile } from '../../config/read-file.ts';
import { type Config, envName, type Key } from '../../config/schema.ts';
import { parseServers, type Servers } from './url.ts';

/** Where the table is, and where changes of it are heard of. */
export interface DatabaseServers {
  readonly data: Servers;
  readonly control: Servers;
}

interface Surroundings {
  readonly env?: NodeJS.ProcessEnv;
  readonly readFile?: ReadFile;
  /** Where a setting stands, for messages. */
  readonly placeOf?: (key: Key) => string | undefined;
}

type Given = Pick<Config, 'database' | 'databaseFile' | 'databaseListen'>;

/** What the settings say of a database; throws a ConfigError. */
export function serversOf(given: Given, surroundings: Surroundings = {}): DatabaseServers {
  const data = dataServers(given, surroundings);
  return { data, control: controlServers(given, surroundings) ?? data };
}

/** All that is wrong with them. Nothing of a URL is shown that may be a password. */
export function databaseProblems({ values, broken, placeOf }: Choice, surroundings: Surroundings): Problem[] {
  const given = {
    database: values.database,
    databaseFile: values['database-file'],
    databaseListen: values['database-listen'],
  };
  const around = { ...surroundings, placeOf };
  const dataKey = given.database === undefined ? 'database-file' : 'database';
  return [
    ...problemsOf(dataKey, () => dataServers(given, around)),
    ...problemsOf('database-listen', () => controlServers(given, around)),
  ];

  function problemsOf(key: Key, read: () => unknown): readonly Problem[] {
    if (broken.has(key)) return [];
    try {
      read();
      return [];
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      return error.problems.map((problem) => withKey(problem, key, placeOf(key)));
    }
  }
}

/** A place in the file does not name the key; one of the variables of libpq is none of ours. */
function withKey(problem: Problem, key: Key, place: string | undefined): Problem {
  const isNamed = problem.place !== place || place === `--${key}` || place === envName(key);
  return isNamed ? problem : { ...problem, key };
}

function dataServers(
  { database, databaseFile }: Given,
  { env, readFile = readTextFile, placeOf }: Surroundings,
): Servers {
  if (database !== undefined) return parseServers(database, { place: placeOf?.('database') ?? 'database', env });
  const place = placeOf?.('database-file') ?? 'database-file';
  return parseServers(textOf(databaseFile as string, place, readFile), { place, env });
}

function controlServers({ databaseListen }: Given, { env, placeOf }: Surroundings): Servers | undefined {
  if (databaseListen === undefined) return undefined;
  return parseServers(databaseListen, { place: placeOf?.('database-listen') ?? 'database-listen', env });
}

/** The path is not shown: somebody may have put the URL in its place. */
function textOf(path: string, place: string, readFile: ReadFile): string {
  try {
    return readFile(path).text;
  } catch (error) {
    throw new ConfigError([{ place, message: `the file can't be read: ${readFailure(error)}` }]);
  }
}
