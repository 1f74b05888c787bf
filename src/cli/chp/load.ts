import { homedir } from 'node:os';
import { join } from 'node:path';
import { assemble, defaultTexts, type LoadedConfig } from '../../config/assemble.ts';
import { choose } from '../../config/choose.ts';
import { tokenFile } from '../../config/load.ts';
import { findPassphrases } from '../../config/passphrase.ts';
import { type ReadFile, readTextFile } from '../../config/read-file.ts';
import type { Values } from '../../config/schema.ts';
import { defaultStateDir } from '../../config/state-dir.ts';
import { findReadToken } from '../../config/token.ts';
import type { Words } from '../words.ts';
import { publicSideHash, temporaryFolder } from './state-folder.ts';
import { translate } from './translate.ts';

export interface LoadChpInput {
  readonly words: Words;
  readonly env: NodeJS.ProcessEnv;
  readonly readFile?: ReadFile;
  readonly cwd?: string;
}

export interface LoadedChp extends LoadedConfig {
  /** The state folder is a temporary one: to be made at the start, and removed at the end. */
  readonly temporary: boolean;
}

/** Reads the command line and the environment of CHP; throws a ConfigError with all that is wrong. */
export function loadChp({ words, env, readFile = readTextFile, cwd = process.cwd() }: LoadChpInput): LoadedChp {
  const { source, defaults, warnings } = translate(words);
  // the folder is not known before the listeners are
  const choice = choose([source], new Map([...defaultTexts('/'), ...defaults]), cwd);
  const given = choice.placeOf('state-dir') !== undefined;
  const temporary = !given && !choice.values.persist;
  const stateDir = given ? choice.values['state-dir'] : ownFolder(choice.values, env);
  // as it is: CHP compares it with what the Hub sends, and looks at nothing else
  const token = { token: env.CONFIGPROXY_AUTH_TOKEN || undefined, problems: [], warnings: [] };
  const loaded = assemble({
    choice,
    token,
    // from the file alone: of Signalbox's variables `chp` reads none
    readToken: findReadToken({}, tokenFile(choice, 'read-token-file'), token, readFile),
    passphrases: findPassphrases(env, ['CONFIGPROXY_', 'SIGNALBOX_']),
    readFile,
    // In a temporary folder somebody else may have planted one.
    lastGoodIn: temporary ? undefined : stateDir,
    hint: 'signalbox chp --help lists every option',
  });
  return {
    config: { ...loaded.config, stateDir },
    warnings: [...warnings, ...loaded.warnings],
    temporary,
  };
}

/** A table that is to last can't be in a temporary folder; one folder for each proxy of the machine. */
function ownFolder(values: Values, env: NodeJS.ProcessEnv): string {
  const publicSide = { public: values.public, publicSocket: values['public-socket'] };
  if (!values.persist) return temporaryFolder(publicSide);
  const user = { uid: process.getuid?.() ?? -1, home: env.HOME || homedir() };
  return join(defaultStateDir(env, user), `chp-${publicSideHash(publicSide)}`);
}
