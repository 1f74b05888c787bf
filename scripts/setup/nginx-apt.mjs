import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from './nginx-binary.mjs';
import { lastLines, run, tools, which } from './run.mjs';

const home = join(tools, 'nginx-apt');
const binary = join(home, 'usr/sbin/nginx');
const from = "the distribution's package";

/** @returns {Promise<import('./nginx-binary.mjs').Found>} */
export async function unpackedFromApt() {
  return existsSync(binary) ? inspect(binary, from) : { reason: 'not fetched from apt yet' };
}

/**
 * nginx of the distribution. The package is only fetched and unpacked, not installed: installing it would start a system
 * service on port 80 of this machine, and all that is wanted here is the binary.
 * @param {(line: string) => void} progress
 * @returns {Promise<import('./nginx-binary.mjs').Found>}
 */
export async function fetchFromApt(progress) {
  if (!which('apt-get') || !which('dpkg-deb')) return { reason: 'apt-get is not here' };
  if (process.getuid?.() !== 0) return { reason: 'apt-get needs root' };
  progress('fetching nginx with apt-get (unpacked into .tools, not installed)');
  mkdirSync(tools, { recursive: true });
  const folder = mkdtempSync(join(tools, 'nginx-apt-'));
  try {
    const failed = await download(folder);
    if (failed) return { reason: `apt-get has no nginx: ${failed}` };
    const deb = readdirSync(folder).find((name) => name.endsWith('.deb')) ?? '';
    const unpacked = join(folder, 'unpacked');
    const { ok, output } = await run('dpkg-deb', ['-x', join(folder, deb), unpacked]);
    if (!ok) return { reason: `dpkg-deb could not unpack nginx: ${lastLines(output)}` };
    await ensureLibraries(join(unpacked, 'usr/sbin/nginx'), join(folder, deb), progress);
    const found = await inspect(join(unpacked, 'usr/sbin/nginx'), from);
    if (!found.nginx) return found;
    rmSync(home, { recursive: true, force: true });
    renameSync(unpacked, home);
    return inspect(binary, from);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<string | undefined>} why it failed. */
async function download(/** @type {string} */ folder) {
  // The lists may be missing (a fresh container) or older than the mirror; the second try has new ones.
  if ((await run('apt-get', ['download', 'nginx'], { cwd: folder })).ok) return undefined;
  const update = await run('apt-get', ['update']);
  const { ok, output } = await run('apt-get', ['download', 'nginx'], { cwd: folder });
  return ok ? undefined : lastLines(update.ok ? output : update.output);
}

/** Installs the libraries that the package asks for, which have other names in other releases, but nothing else of it. */
async function ensureLibraries(
  /** @type {string} */ nginx,
  /** @type {string} */ deb,
  /** @type {(line: string) => void} */ progress,
) {
  if ((await inspect(nginx, from)).nginx) return;
  const { output } = await run('dpkg-deb', ['-f', deb, 'Depends']);
  const names = output.split(/[,|]/).map((part) => part.trim().split(/[\s:]/)[0] ?? '');
  const libraries = names.filter((name) => /^(lib|zlib1g)/.test(name) && !name.startsWith('libnginx'));
  progress(`installing nginx's libraries with apt-get: ${libraries.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = ['-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120'];
  await run('apt-get', ['install', ...options, ...libraries], { env });
}
