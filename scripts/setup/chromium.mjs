import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unpackFromApt } from './apt.mjs';
import { withSetupLock } from './lock.mjs';
import { lastLines, run, tools, which } from './run.mjs';
import { writeStarters } from './starters.mjs';

/**
 * @typedef {{ path: string, version: string }} Chromium
 * @typedef {{ chromium?: Chromium, reason: string }} Found `reason` says why there is none.
 */

const names = ['chromium', 'chromium-browser', 'google-chrome'];
/** Debian's `chromium` is a script around it that prints a line for each start. */
const binary = '/usr/lib/chromium/chromium';

const folder = 'chromium-apt';
// The same browser without its windows, which makes it smaller and leaves GTK out. A page needs a font to show a text.
const packages = ['chromium-headless-shell', 'fonts-dejavu-core'];
const program = { name: 'chromium', path: 'usr/lib/chromium/chromium-headless-shell' };

/**
 * A Chromium for the tests: the one in SIGNALBOX_CHROMIUM, the machine's own, else the distribution's, unpacked. None is no
 * error here; what needs it is skipped with the reason.
 * @param {{ progress?: (line: string) => void, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<Found>}
 */
export async function ensureChromium({ progress = console.log, fetch = true } = {}) {
  const given = process.env.SIGNALBOX_CHROMIUM;
  if (given) return inspect(given);
  const local = await localChromium();
  if (local.chromium || !fetch) return local;
  return withSetupLock(progress, async () => {
    const again = await localChromium();
    if (again.chromium) return again;
    const failure = await unpackFromApt({ folder, packages, dependencies: true }, makeReady, progress);
    return failure === undefined ? localChromium() : { reason: `${again.reason}; ${failure}` };
  });
}

/** @returns {Promise<Found>} */
async function localChromium() {
  const reasons = [];
  for (const path of [binary, ...names.flatMap((name) => which(name) ?? []), starterIn(join(tools, folder))]) {
    if (!existsSync(path)) continue;
    const found = await inspect(path);
    if (found.chromium) return found;
    reasons.push(found.reason);
  }
  return { reason: reasons.join('; ') || 'chromium is not on the PATH, and not fetched from apt yet' };
}

/**
 * Has it show a page, for which it needs more than to tell its version.
 * @returns {Promise<string | undefined>} why it can't.
 */
async function makeReady(/** @type {string} */ unpacked) {
  writeFonts(join(unpacked, 'fonts.conf'));
  writeStarters(unpacked, [program], 'FONTCONFIG_FILE="$home/fonts.conf"');
  const starter = starterIn(unpacked);
  const page = ['--headless', '--no-sandbox', '--disable-gpu', '--dump-dom', 'data:text/html,<p>shown</p>'];
  const { ok, output } = await run(starter, page, { timeout: 30_000 });
  return ok && output.includes('<p>shown</p>') ? undefined : `${starter} shows no page: ${lastLines(output)}`;
}

/** Where fonts are: those of the package, and those of the machine. */
function writeFonts(/** @type {string} */ file) {
  const prefer = (/** @type {string} */ family, /** @type {string} */ font) =>
    `<alias><family>${family}</family><prefer><family>${font}</family></prefer></alias>`;
  const lines = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    '<dir prefix="relative">usr/share/fonts</dir>',
    '<dir>/usr/share/fonts</dir>',
    '<cachedir prefix="xdg">fontconfig</cachedir>',
    prefer('sans-serif', 'DejaVu Sans'),
    prefer('serif', 'DejaVu Serif'),
    prefer('monospace', 'DejaVu Sans Mono'),
    '</fontconfig>',
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
}

function starterIn(/** @type {string} */ home) {
  return join(home, 'starters', program.name);
}

/** @returns {Promise<Found>} */
async function inspect(/** @type {string} */ path) {
  const { ok, output } = await run(path, ['--version'], { timeout: 30_000 });
  const version = /(\d+(?:\.\d+){3})/.exec(output)?.[1];
  if (!ok || version === undefined) return { reason: `${path} does not run: ${lastLines(output, 1) || 'no output'}` };
  return { chromium: { path, version }, reason: '' };
}
