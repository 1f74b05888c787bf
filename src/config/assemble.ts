import { findCertificates } from './certificates.ts';
import type { Choice } from './choose.ts';
import { crossCheck, type Facts } from './cross-checks.ts';
import { fleetTimes } from './fleet-times.ts';
import { idleSettings } from './idle-settings.ts';
import type { NamespaceTokens } from './namespaces/tokens.ts';
import type { FoundPassphrases } from './passphrase.ts';
import { ConfigError, type Problem } from './problem.ts';
import type { ReadFile } from './read-file.ts';
import { type Config, camelCase, KEYS, type Key, settingOf } from './schema.ts';
import type { FoundToken } from './token.ts';

/** The configuration, and what is allowed but deserves a line in the log. */
export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: string[];
}

/** All that a command has found out. */
export interface Parts {
  readonly choice: Choice;
  readonly token: FoundToken;
  readonly readToken: FoundToken;
  readonly namespaces?: NamespaceTokens;
  readonly passphrases: FoundPassphrases;
  readonly readFile: ReadFile;
  /** The state folder of a daemon that is to start, which may hold the last certificates that fitted. */
  readonly lastGoodIn?: string | undefined;
  /** Where the options are listed, if not in the help of serve. */
  readonly hint?: string;
  /** What is wrong besides. */
  readonly more?: readonly Problem[];
}

/** Checks the settings together. Throws a ConfigError with all that is wrong, or returns the configuration. */
export function assemble(parts: Parts): LoadedConfig {
  const { choice, token: found, readToken, namespaces, passphrases, readFile, lastGoodIn, hint, more = [] } = parts;
  const { token, warnings } = found;
  const ofNamespaces = namespaces ?? { tokens: new Map(), problems: [], warnings: [] };
  const facts: Facts = {
    ...choice,
    hasToken: token !== undefined,
    hasReadToken: readToken.token !== undefined,
    tokenBroken: found.problems.length > 0,
  };
  const certificates = findCertificates(choice, passphrases, readFile, lastGoodIn);
  const problems = [
    ...choice.problems,
    ...found.problems,
    ...readToken.problems,
    ...ofNamespaces.problems,
    ...crossCheck(facts),
    ...certificates.problems,
    ...more,
  ];
  if (problems.length > 0) throw new ConfigError(problems, hint);

  const named = Object.fromEntries(KEYS.map((key) => [camelCase(key), choice.values[key]]));
  return {
    config: {
      ...named,
      token,
      readToken: readToken.token,
      namespaceTokens: ofNamespaces.tokens,
      ...passphrases,
      certificates: certificates.texts,
    } as Config,
    warnings: [
      ...warnings,
      ...readToken.warnings,
      ...ofNamespaces.warnings,
      ...certificates.warnings,
      ...idleSettings(facts),
      ...fleetTimes(facts),
    ],
  };
}

/** The defaults of the schema as texts, with what the machine or the command has to add. */
export function defaultTexts(stateDir: string): Map<Key, string> {
  const texts = new Map<Key, string>([['state-dir', stateDir]]);
  for (const key of KEYS) {
    const text = settingOf(key).default;
    if (text !== undefined) texts.set(key, text);
  }
  return texts;
}
