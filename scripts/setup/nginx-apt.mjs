import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planOf, unpackFromApt } from './apt.mjs';
import { inspect } from './nginx-binary.mjs';
import { run, tools } from './run.mjs';

const name = 'nginx-apt';
const binary = 'usr/sbin/nginx';
const from = "the distribution's package";

/** @returns {Promise<import('./nginx-binary.mjs').Found>} */
export async function unpackedFromApt() {
  const path = join(tools, name, binary);
  return existsSync(path) ? inspect(path, from) : { reason: 'not fetched from apt yet' };
}

/**
 * nginx of the distribution, not installed: that would start a system service on port 80 of this machine, and all that is
 * wanted here is the binary.
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./nginx-binary.mjs').Found>}
 */
export async function fetchFromApt(progress) {
  const finish = async (/** @type {string} */ unpacked) => {
    const path = join(unpacked, binary);
    await ensureLibraries(path, progress);
    return (await inspect(path, from)).reason;
  };
  const reason = await unpackFromApt({ folder: name, packages: ['nginx'] }, finish, progress);
  return reason === undefined ? unpackedFromApt() : { reason };
}

/** Installs the libraries that the package asks for, which have other names in other releases, but nothing else of it. */
async function ensureLibraries(/** @type {string} */ nginx, /** @type {(line: string) => void} */ progress) {
  if (process.getuid?.() !== 0 || (await inspect(nginx, from)).nginx) return;
  const { names } = await planOf(['nginx']);
  const libraries = names.filter((name) => /^(lib|zlib1g)/.test(name) && !name.startsWith('libnginx'));
  progress(`installing nginx's libraries with apt-get: ${libraries.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', ['install', ...options, ...libraries], { env });
}
