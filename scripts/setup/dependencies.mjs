import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { root, run, SetupError } from './run.mjs';

/**
 * Makes node_modules what package-lock.json says: `npm ci` when it isn't, nothing at all when it is.
 * @param {{ progress?: (line: string) => void }} [options]
 */
export async function ensureDependencies({ progress = console.log } = {}) {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new SetupError(`Node.js 20 or newer is needed to set up this clone; this is ${process.version}.`);
  }
  if (isInstalled()) return;
  await withSetupLock(progress, async () => {
    if (isInstalled()) return;
    progress('installing dependencies: npm ci (about a minute the first time)');
    // An older Node.js runs the setup, Node.js 24 from node_modules runs Signalbox: npm's warnings about that would be wrong.
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--engine-strict=false'];
    const { ok, output } = await run('npm', args, { env: environment(), timeout: 900_000 });
    if (!ok) throw new SetupError(`npm ci failed: ${reasonIn(output)}`);
  });
}

/** The first lines of npm's report, which say why; the last ones only name log files and help. */
function reasonIn(/** @type {string} */ output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm error ?/, '').trim());
  return lines
    .filter((line) => line !== '' && !line.startsWith('npm warn'))
    .slice(0, 5)
    .join(' / ');
}

/**
 * The Node.js that runs Signalbox: the one among the dependencies, or this one when it can strip types.
 * @returns {Promise<string>}
 */
export async function findNode() {
  const own = join(root, 'node_modules/.bin/node');
  if (existsSync(own) && (await run(own, ['--version'])).ok) return own;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath;
  throw new SetupError(
    `The dependency "node" did not install a Node.js for this machine (its install script may be switched off), and ${process.version} is too old for Signalbox: install Node.js 22.18 or newer.`,
  );
}

/**
 * npm writes node_modules/.package-lock.json last, so an installation that was broken off counts as none. Compared by
 * content, not by date: git sets dates as it likes.
 */
function isInstalled() {
  const installed = packagesIn(join(root, 'node_modules/.package-lock.json'));
  const wanted = packagesIn(join(root, 'package-lock.json'));
  if (!installed || !wanted) return false;
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (path === '') return true;
    const there = installed[path];
    return there ? there.version === version : optional === true;
  });
}

/** @returns {Record<string, { version?: string, optional?: boolean }> | undefined} */
function packagesIn(/** @type {string} */ file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Without this clone's own programs on the PATH: `npm ci` must not run on the Node.js that it is about to delete. */
function environment() {
  const own = join(root, 'node_modules');
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(own));
  return { ...process.env, PATH: path.join(delimiter) };
}
