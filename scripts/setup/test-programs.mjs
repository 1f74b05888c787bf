import { join } from 'node:path';
import { unpackFromApt } from './apt.mjs';
import { withSetupLock } from './lock.mjs';
import { lastLines, run, tools, which } from './run.mjs';
import { writeStarters } from './starters.mjs';

/** @typedef {{ name: string, package: string, path: string, proof: string }} Program `proof`: the flag that shows that it runs */

/**
 * What people reach Signalbox with, put between it and its database or watch it with, and where Debian and Ubuntu have it.
 * @type {readonly Program[]}
 */
const wanted = [
  { name: 'curl', package: 'curl', path: 'usr/bin/curl', proof: '--version' },
  { name: 'ab', package: 'apache2-utils', path: 'usr/bin/ab', proof: '-V' },
  { name: 'haproxy', package: 'haproxy', path: 'usr/sbin/haproxy', proof: '-v' },
  { name: 'pgbouncer', package: 'pgbouncer', path: 'usr/sbin/pgbouncer', proof: '--version' },
  { name: 'promtool', package: 'prometheus', path: 'usr/bin/promtool', proof: '--version' },
];

const folder = 'apt-programs';

/**
 * The machine's own programs, else the distribution's. Where they can't be had the tests are skipped.
 * @param {{ progress?: (line: string) => void }} [options]
 * @returns {Promise<{ bin?: string, paths: string[], reason: string }>} `bin`: the folder of those that are not the
 *   machine's own; `reason`: why some are missing, if any are.
 */
export async function ensureTestPrograms({ progress = console.log } = {}) {
  const paths = wanted.flatMap(({ name }) => which(name) ?? []);
  const missing = wanted.filter(({ name }) => which(name) === undefined);
  if (missing.length === 0) return { paths, reason: '' };
  const complain = () => complaint(join(tools, folder), missing);
  const fetch = () => {
    const packages = missing.map((program) => program.package);
    const finish = (/** @type {string} */ unpacked) => {
      writeStarters(unpacked, missing);
      return complaint(unpacked, missing);
    };
    return unpackFromApt({ folder, packages, dependencies: true }, finish, progress);
  };
  const reason = (await complain()) && (await withSetupLock(progress, async () => (await complain()) && fetch()));
  if (reason) return { paths, reason: `${missing.map(({ name }) => name).join(', ')} missing, ${reason}` };
  const bin = join(tools, folder, 'starters');
  return { bin, paths: [...paths, ...missing.map(({ name }) => join(bin, name))], reason: '' };
}

/** @returns {Promise<string | undefined>} why they are not in the folder. */
async function complaint(/** @type {string} */ home, /** @type {readonly Program[]} */ programs) {
  for (const { name, proof } of programs) {
    const { ok, output } = await run(join(home, 'starters', name), [proof], { timeout: 10_000 });
    if (!ok) return `${name} does not run: ${lastLines(output)}`;
  }
  return undefined;
}
