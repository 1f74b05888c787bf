import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { lastLines, run, tools, which } from './run.mjs';

// Without a network the answer is to come soon, and to be that.
const patience = ['-o', 'Acquire::Retries=0', '-o', 'APT::Update::Error-Mode=any'];

/**
 * Puts packages of the distribution into a folder of .tools. They are only fetched and unpacked, not installed: so no
 * system service starts, and nobody has to be root.
 * @param {{ folder: string, packages: readonly string[], dependencies?: boolean }} wanted `folder`: its name in .tools;
 *   `dependencies`: with all that they need and this machine lacks
 * @param {(unpacked: string) => Promise<string | undefined>} finish makes the files ready, or says why they won't do
 * @param {(line: string) => void} progress
 * @returns {Promise<string | undefined>} why it could not be had; undefined: it is there.
 */
export async function unpackFromApt({ folder: name, packages, dependencies = false }, finish, progress) {
  if (!which('apt-get') || !which('dpkg-deb')) return 'apt-get is not here';
  progress(`fetching ${packages.join(', ')} with apt-get (unpacked into .tools, not installed)`);
  const home = join(tools, name);
  mkdirSync(tools, { recursive: true });
  const folder = mkdtempSync(join(tools, `${name}-`));
  try {
    const failed = await download(packages, folder, dependencies);
    if (failed) return `apt-get has no ${packages.join(', ')}: ${failed}`;
    const unpacked = join(folder, 'unpacked');
    for (const deb of readdirSync(folder).filter((file) => file.endsWith('.deb'))) {
      const { ok, output } = await run('dpkg-deb', ['-x', join(folder, deb), unpacked]);
      if (!ok) return `dpkg-deb could not unpack ${deb}: ${lastLines(output)}`;
    }
    const reason = await finish(unpacked);
    if (reason) return reason;
    rmSync(home, { recursive: true, force: true });
    renameSync(unpacked, home);
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<string | undefined>} why it failed. */
async function download(
  /** @type {readonly string[]} */ packages,
  /** @type {string} */ folder,
  /** @type {boolean} */ dependencies,
) {
  const tryWith = async (/** @type {readonly string[]} */ options) => {
    const plan = dependencies ? await planOf(packages, options) : undefined;
    if (plan && !plan.ok) return errorIn(plan.output);
    const names = plan?.names ?? packages;
    const { ok, output } = await run('apt-get', [...options, 'download', ...names], { cwd: folder });
    return ok ? undefined : errorIn(output);
  };
  // The lists may be missing (a fresh container) or older than the mirror; the second try has new ones.
  if ((await tryWith(patience)) === undefined) return undefined;
  const options = [...patience, ...(process.getuid?.() === 0 ? [] : ownLists(folder))];
  const update = await run('apt-get', [...options, 'update']);
  const failed = await tryWith(options);
  return failed && (update.ok ? failed : errorIn(update.output));
}

function errorIn(/** @type {string} */ output) {
  return /^E: (.*)/m.exec(output)?.[1] ?? lastLines(output, 1);
}

/** Only root may renew the lists of the system. */
function ownLists(/** @type {string} */ folder) {
  mkdirSync(join(folder, 'lists/partial'), { recursive: true });
  return ['-o', `Dir::State::Lists=${join(folder, 'lists')}`, '-o', `Dir::Cache=${join(folder, 'cache')}`];
}

/** What apt-get would install for these packages on this machine: they themselves, and what they need that is not here. */
export async function planOf(/** @type {readonly string[]} */ packages, /** @type {readonly string[]} */ options = []) {
  const simulation = ['install', '--simulate', '--no-install-recommends'];
  const { ok, output } = await run('apt-get', [...options, ...simulation, ...packages]);
  return { ok, output, names: [...output.matchAll(/^Inst (\S+)/gm)].map(([, name = '']) => name) };
}
