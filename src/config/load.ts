import { homedir } from 'node:os';
import { assemble, defaultTexts, type LoadedConfig } from './assemble.ts';
import { type Choice, choose } from './choose.ts';
import { readEnvironment } from './environment.ts';
import { readYaml } from './file.ts';
import { findNamespaceTokens } from './namespaces/tokens.ts';
import { findPassphrases } from './passphrase.ts';
import { type Problem, quote } from './problem.ts';
import { type ReadFile, readFailure, readTextFile } from './read-file.ts';
import type { Flags, Source } from './source.ts';
import { defaultStateDir } from './state-dir.ts';
import { findReadToken, findToken, type TokenFile } from './token.ts';

/** Everything the configuration depends on; what is optional is the process's own. */
export interface LoadInput {
  readonly flags: Flags;
  readonly env: NodeJS.ProcessEnv;
  readonly readFile?: ReadFile;
  readonly cwd?: string;
  readonly user?: { readonly uid: number; readonly home: string };
  /** For a daemon that is to start: certificates that don't fit are no mistake where the state folder has ones that did. */
  readonly orLastGood?: boolean;
}

/** What was chosen, and what makes a configuration of it. */
interface Chosen {
  readonly choice: Choice;
  /** Throws a ConfigError with all that is wrong, that which was found elsewhere (`more`) among it. */
  finish(more?: readonly Problem[]): LoadedConfig;
}

/** Reads flags, environment and file, in this precedence; throws a ConfigError with all that is wrong. */
export function loadConfig(input: LoadInput): LoadedConfig {
  return chooseConfig(input).finish();
}

/** The same for those who have something to check themselves before it is one. */
export function chooseConfig(input: LoadInput): Chosen {
  const { flags, env, readFile = readTextFile, cwd = process.cwd(), orLastGood = false } = input;
  const user = input.user ?? { uid: process.getuid?.() ?? -1, home: env.HOME || homedir() };

  const file = readConfigFile(flags.config, env.SIGNALBOX_CONFIG, readFile);
  const choice = choose([file, readEnvironment(env), flags.source], defaultTexts(defaultStateDir(env, user)), cwd);

  const token = findToken(env, tokenFile(choice, 'token-file'), readFile);
  const readToken = findReadToken(env, tokenFile(choice, 'read-token-file'), token, readFile);
  const lastGoodIn = orLastGood ? choice.values['state-dir'] : undefined;
  const namespaces = findNamespaceTokens(choice.values.namespaces ?? [], { token, readToken }, readFile);
  const parts = { choice, token, readToken, namespaces, passphrases: findPassphrases(env), readFile, lastGoodIn };
  return { choice, finish: (more = []) => assemble({ ...parts, more }) };
}

/** The file that a setting names, if it does. */
export function tokenFile(choice: Choice, key: 'token-file' | 'read-token-file'): TokenFile | undefined {
  const [path, place] = [choice.values[key], choice.placeOf(key)];
  return path === undefined || place === undefined ? undefined : { path, place };
}

function readConfigFile(flag: string | undefined, variable: string | undefined, readFile: ReadFile): Source {
  const path = flag ?? variable;
  if (path === undefined) return [];
  try {
    return readYaml(readFile(path).text, path);
  } catch (error) {
    const place = flag === undefined ? 'SIGNALBOX_CONFIG' : '--config';
    return [{ place, message: `${quote(path)} can't be read: ${readFailure(error)}` }];
  }
}
