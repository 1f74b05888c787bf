import { readSettings } from '../../../src/cli/setting-flags.ts';
import { type LoadInput, loadConfig } from '../../../src/config/load.ts';
import { ConfigError, formatProblem } from '../../../src/config/problem.ts';
import type { ReadFile } from '../../../src/config/read-file.ts';

/** Files by their path; a path that is missing is ENOENT. */
export type Files = Record<string, string | { text: string; mode: number }>;

/** The parts of the world a test changes; the rest is an ordinary user in /work-dir. */
export interface World extends Partial<Omit<LoadInput, 'readFile' | 'flags'>> {
  readonly argv?: readonly string[];
  readonly files?: Files;
}

/** Loads the configuration in an imaginary world. */
export function load({ files = {}, argv = [], ...rest }: World) {
  const readFile: ReadFile = (path) => {
    const file = files[path];
    if (file === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return typeof file === 'string' ? { text: file, mode: 0o600 } : file;
  };
  const user = { uid: 1000, home: '/home/ann' };
  return loadConfig({ flags: readSettings(argv), env: {}, cwd: '/cwd', user, readFile, ...rest });
}

/** Loads a YAML text as signalbox.yaml. */
export function loadYaml(yaml: string, world: World = {}) {
  return load({
    ...world,
    argv: ['-c', 'signalbox.yaml', ...(world.argv ?? [])],
    files: { ...world.files, 'signalbox.yaml': yaml },
  });
}

/** The lines of all problems; fails when there are none. */
export function problemsOf(attempt: () => unknown): string[] {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(formatProblem);
    throw error;
  }
  throw new Error('the configuration was accepted');
}
