import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, tools, which } from '../../../scripts/setup/run.mjs';

/** The load generator: the cheapest there is for one request, so that it is not what is measured. */
export interface Wrk {
  readonly path: string;
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

const home = join(tools, 'wrk');

/** From PATH, else out of the distribution's packages, unpacked into .tools and not installed. */
export async function findWrk(): Promise<Wrk> {
  const path = which('wrk');
  const found = path ? { path, env: {} } : (unpackedWrk() ?? (await fetchWithApt()));
  if (found) return { ...found, version: await versionOf(found) };
  throw new Error('The load generator wrk is not here: install the package wrk of your distribution.');
}

type Program = Omit<Wrk, 'version'>;

async function versionOf({ path, env }: Program): Promise<string> {
  const { output } = await run(path, ['-v'], { env: { ...process.env, ...env } });
  return /wrk (?:debian\/)?(\S+)/.exec(output)?.[1] ?? 'unknown';
}

function unpackedWrk(): Program | undefined {
  const path = join(home, 'usr/bin/wrk');
  const libraries = join(home, 'usr/lib');
  if (!existsSync(path) || !existsSync(libraries)) return undefined;
  const folders = readdirSync(libraries).map((name) => join(libraries, name));
  return { path, env: { LD_LIBRARY_PATH: folders.join(':') } };
}

async function fetchWithApt(): Promise<Program | undefined> {
  mkdirSync(home, { recursive: true });
  const packages = ['wrk', 'libluajit-5.1-2', 'libluajit-5.1-common'];
  const download = () => run('apt-get', ['download', ...packages], { cwd: home });
  // The lists of packages may be missing (a fresh container) or older than the mirror.
  if (!(await download()).ok) {
    await run('apt-get', ['update']);
    await download();
  }
  for (const deb of readdirSync(home).filter((name) => name.endsWith('.deb'))) {
    await run('dpkg-deb', ['-x', join(home, deb), home]);
  }
  return unpackedWrk();
}
