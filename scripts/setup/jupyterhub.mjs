import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { lastLines, run, tools, which } from './run.mjs';

// Pinned like nginx. jupyter-server alone has kernels and terminals; no page of JupyterLab is needed.
const requirements = [
  'jupyterhub==5.5.4',
  'jupyter-server==2.21.*',
  'ipykernel==7.4.*',
  'jupyterhub-idle-culler==2.0.*',
];
const home = join(tools, 'jupyterhub-venv');
const bin = join(home, 'bin');
const python = join(bin, 'python');
const marker = join(home, 'made-for.txt');

/**
 * @typedef {{ bin?: string, reason: string }} JupyterHub `bin`: folder of `jupyterhub` and `jupyterhub-singleuser`, to be
 *   put in front of the PATH; without it `reason` says why there is none.
 */

/**
 * A real JupyterHub for the tests, in a virtual environment that is made once. A machine without Python or without a way to
 * the package index is no error: the tests are skipped with the reason.
 * @param {{ progress?: (line: string) => void, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<JupyterHub>}
 */
export async function ensureJupyterHub({ progress = console.log, fetch = true } = {}) {
  if (process.platform === 'win32') return { reason: 'JupyterHub does not run on Windows' };
  if (await isMade()) return { bin, reason: '' };
  if (!fetch) return { reason: 'not installed yet (npm test does it)' };
  return withSetupLock(progress, async () => {
    if (await isMade()) return { bin, reason: '' };
    const reason = await make(progress);
    return reason === undefined ? { bin, reason: '' } : { reason };
  });
}

/** The marker is written last: a half-made environment counts as none. So does one that was moved, or lost its Python. */
async function isMade() {
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== wanted()) return false;
  return (await run(python, ['--version'], { timeout: 10_000 })).ok;
}

function wanted() {
  // With its path: the scripts in it begin with the absolute path of its Python.
  return `${[home, ...requirements].join('\n')}\n`;
}

/** @returns {Promise<string | undefined>} why it could not be made. */
async function make(/** @type {(line: string) => void} */ progress) {
  const reasons = [];
  for (const { name, steps } of ways()) {
    progress(`installing JupyterHub for the tests with ${name} (into .tools, about half a minute)`);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(tools, { recursive: true });
    const failure = await firstFailure(steps);
    if (failure === undefined) {
      writeFileSync(marker, wanted());
      return undefined;
    }
    reasons.push(`${name}: ${failure}`);
  }
  rmSync(home, { recursive: true, force: true });
  return reasons.length === 0 ? 'neither python3 nor uv is here' : reasons.join('; ');
}

/** Debian's Python has no ensurepip unless python3-venv is installed: there pip, if it is there, installs from outside. */
function ways() {
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
  for (const [command = '', ...args] of [...steps, [python, '-c', 'import jupyterhub, jupyter_server, ipykernel']]) {
    const { ok, output } = await run(command, args, { timeout: 600_000 });
    if (!ok) return lastLines(output, 1) || `${command} failed`;
  }
  return undefined;
}
