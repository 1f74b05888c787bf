import type { LoadedConfig } from '../config/assemble.ts';
import { chooseConfig, type LoadInput } from '../config/load.ts';

/** `loadConfig` for those who may use the store: what is wrong with a database's URL is reported together with all other mistakes. */
export async function loadConfigWithStore(input: LoadInput): Promise<LoadedConfig> {
  const { choice, finish } = chooseConfig(input);
  const { database, 'database-file': file } = choice.values;
  if (database === undefined && file === undefined) return finish();
  // Late: the others have no use for it.
  const { databaseProblems } = await import('./postgres/servers.ts');
  return finish(databaseProblems(choice, input));
}
