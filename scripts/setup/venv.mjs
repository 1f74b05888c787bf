import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { lastLines, run, tools, which } from './run.mjs';

/**
 * @typedef {(line: string) => void} Progress
 * @typedef {{ name: string, what: string, requirements: readonly string[], modules: readonly string[] }} Wanted `name`: its
 *   folder in .tools; `what`: what a person calls it; `modules`: what must be importable in the end.
 * @typedef {{ bin?: string, reason: string }} Venv `bin`: the folder of its programs; without it `reason` says why there is none.
 */

/**
 * A Python virtual environment that is made once. A machine without Python or without a way to the package index is no error
 * here.
 * @param {Wanted} wanted
 * @param {{ progress?: Progress, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<Venv>}
 */
export async function ensureVenv(wanted, { progress = console.log, fetch = true } = {}) {
  if (process.platform === 'win32') return { reason: `${wanted.what} does not run on Windows` };
  const bin = join(tools, wanted.name, 'bin');
  if (await isMade(wanted)) return { bin, reason: '' };
  if (!fetch) return { reason: 'not installed yet' };
  return withSetupLock(progress, async () => {
    if (await isMade(wanted)) return { bin, reason: '' };
    const reason = await make(wanted, progress);
    return reason === undefined ? { bin, reason: '' } : { reason };
  });
}

/** The marker is written last: a half-made environment counts as none. So does one that was moved, or lost its Python. */
async function isMade(/** @type {Wanted} */ wanted) {
  const home = join(tools, wanted.name);
  const marker = join(home, 'made-for.txt');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== contentOf(wanted)) return false;
  return (await run(join(home, 'bin/python'), ['--version'], { timeout: 10_000 })).ok;
}

function contentOf(/** @type {Wanted} */ { name, requirements }) {
  // With its path: the scripts in it begin with the absolute path of its Python.
  return `${[join(tools, name), ...requirements].join('\n')}\n`;
}

/** @returns {Promise<string | undefined>} why it could not be made. */
async function make(/** @type {Wanted} */ wanted, /** @type {Progress} */ progress) {
  const home = join(tools, wanted.name);
  const reasons = [];
  for (const { name, steps } of ways(home, wanted.requirements)) {
    progress(`installing ${wanted.what} with ${name} (into .tools, about half a minute)`);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(tools, { recursive: true });
    const proof = [join(home, 'bin/python'), '-c', `import ${wanted.modules.join(', ')}`];
    const failure = await firstFailure([...steps, proof]);
    if (failure === undefined) {
      writeFileSync(join(home, 'made-for.txt'), contentOf(wanted));
      return undefined;
    }
    reasons.push(`${name}: ${failure}`);
  }
  rmSync(home, { recursive: true, force: true });
  return reasons.length === 0 ? 'neither python3 nor uv is here' : reasons.join('; ');
}

/** Debian's Python has no ensurepip unless python3-venv is installed: there pip, if it is there, installs from outside. */
function ways(/** @type {string} */ home, /** @type {readonly string[]} */ requirements) {
  const python = join(home, 'bin/python');
  const quiet = ['install', '--quiet', '--disable-pip-version-check', '--no-input'];
  const pip = [
    {
      name: 'python3 -m venv',
      steps: [
        ['python3', '-m', 'venv', home],
        [python, '-m', 'pip', ...quiet, ...requirements],
      ],
    },
    {
      name: 'python3 -m pip',
      steps: [
        ['python3', '-m', 'venv', '--without-pip', home],
        ['python3', '-m', 'pip', '--python', python, ...quiet, ...requirements],
      ],
    },
  ];
  const uv = {
    name: 'uv',
    steps: [
      ['uv', 'venv', '--quiet', home],
      ['uv', 'pip', 'install', '--quiet', '--python', python, ...requirements],
    ],
  };
  return [...(which('python3') ? pip : []), ...(which('uv') ? [uv] : [])];
}

/** @returns {Promise<string | undefined>} */
async function firstFailure(/** @type {string[][]} */ steps) {
  for (const [command = '', ...args] of steps) {
    const { ok, output } = await run(command, args, { timeout: 600_000 });
    if (!ok) return lastLines(output, 1) || `${command} failed`;
  }
  return undefined;
}
