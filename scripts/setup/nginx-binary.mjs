import { run } from './run.mjs';

/** The oldest nginx that Signalbox is tested with. */
const oldest = [1, 22];

/**
 * @typedef {{ path: string, version: string, from: string }} Nginx `from` says in words where it is from.
 * @typedef {{ nginx?: Nginx, reason: string }} Found `reason` says why there is none.
 */

/**
 * Asks a binary for its version, which also shows that its libraries are there.
 * @returns {Promise<Found>}
 */
export async function inspect(/** @type {string} */ path, /** @type {string} */ from) {
  const { ok, output } = await run(path, ['-v'], { timeout: 10_000 });
  const version = /nginx version: [^/]*\/(\d+\.\d+\.\d+)/.exec(output)?.[1];
  if (!ok || version === undefined) return { reason: `${path} does not run: ${output.trim() || 'no output'}` };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < oldest[0] || (major === oldest[0] && minor < oldest[1])) {
    return { reason: `${path} is nginx ${version}, older than ${oldest.join('.')}` };
  }
  return { nginx: { path, version, from }, reason: '' };
}
