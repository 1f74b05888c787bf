import { cpSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findNode } from './dependencies.mjs';
import { lastLines, root, run, which } from './run.mjs';
import { ensureTraefik } from './traefik.mjs';

const standIns = join(root, 'test/docker/stand-ins');
const PULL_MS = 60_000;
const BUILD_MS = 240_000;

/** @typedef {{ progress: (line: string) => void }} Progress */

/** The base images of docker/, and what stands in for each where it can't be pulled. Later ones build on earlier ones. */
const images = {
  'debian:bookworm-slim': debian,
  'node:24-bookworm-slim': node,
  'nginx:1.29': (/** @type {string} */ name) => build(name, 'nginx.Dockerfile', standIns),
  'traefik:v3.7': traefik,
  'haproxy:3.2': (/** @type {string} */ name) => build(name, 'haproxy.Dockerfile', standIns),
  'postgres:17': (/** @type {string} */ name) => build(name, 'postgres.Dockerfile', standIns),
  'quay.io/jupyterhub/jupyterhub:5': (/** @type {string} */ name) => build(name, 'jupyterhub.Dockerfile', standIns),
};

/**
 * The images that Dockerfiles and compose files name: those on the machine, else pulled, else stand-ins of the same name,
 * which are for tests alone.
 * @param {Progress & { fetch: boolean }} options
 * @returns {Promise<Record<string, string>>} those that can't be had, and why.
 */
export async function ensureImages({ progress, fetch }) {
  /** @type {Record<string, string>} */
  const missing = {};
  let pulls = true;
  for (const [name, standIn] of Object.entries(images)) {
    if ((await run('docker', ['image', 'inspect', name])).ok) continue;
    if (!fetch) {
      missing[name] = 'not here yet (npm test gets it)';
      continue;
    }
    progress(`getting the image ${name} for the tests`);
    // A registry that did not answer once will not do so for the next image.
    const pulled = pulls && (await run('docker', ['pull', name], { timeout: PULL_MS })).ok;
    pulls = pulled;
    if (pulled) continue;
    progress(`${name} can't be pulled: making a stand-in`);
    const reason = await standIn(name);
    if (reason !== undefined) missing[name] = `cannot be pulled, and no stand-in made: ${reason}`;
  }
  return missing;
}

/** @returns {Promise<string | undefined>} why it could not be made. */
async function debian(/** @type {string} */ name) {
  if (!which('debootstrap') || process.getuid?.() !== 0) return 'that takes root and debootstrap';
  return inTemporaryFolder(async (folder) => {
    const base = join(folder, 'base');
    const options = ['--variant=minbase', '--include=ca-certificates', 'bookworm', base];
    const made = await run('debootstrap', options, { timeout: BUILD_MS });
    if (!made.ok) return lastLines(made.output, 1);
    // Registries may be behind a proxy that this machine knows.
    const authorities = 'etc/ssl/certs/ca-certificates.crt';
    cpSync(join('/', authorities), join(base, authorities));
    const archive = join(folder, 'base.tar');
    const packed = await run('tar', ['-C', base, '-cf', archive, '.']);
    const imported = packed.ok ? await run('docker', ['import', archive, name]) : packed;
    return imported.ok ? undefined : lastLines(imported.output, 1);
  });
}

/** @returns {Promise<string | undefined>} */
async function node(/** @type {string} */ name) {
  const npm = which('npm');
  if (npm === undefined) return 'there is no npm';
  return inTemporaryFolder(async (folder) => {
    cpSync(realpathSync(await findNode()), join(folder, 'node'));
    // npm is .../npm/bin/npm-cli.js
    cpSync(dirname(dirname(realpathSync(npm))), join(folder, 'npm'), { recursive: true, dereference: true });
    return build(name, 'node.Dockerfile', folder);
  });
}

/** @returns {Promise<string | undefined>} */
async function traefik(/** @type {string} */ name) {
  const found = await ensureTraefik({ fetch: false });
  const { path } = found.traefik ?? {};
  if (path === undefined) return found.reason;
  return inTemporaryFolder(async (folder) => {
    cpSync(realpathSync(path), join(folder, 'traefik'));
    return build(name, 'traefik.Dockerfile', folder);
  });
}

/** @returns {Promise<string | undefined>} */
async function build(/** @type {string} */ name, /** @type {string} */ file, /** @type {string} */ context) {
  const { ok, output } = await run('docker', ['build', '-t', name, '-f', join(standIns, file), context], {
    timeout: BUILD_MS,
    env: { ...process.env, DOCKER_BUILDKIT: '0' },
  });
  return ok ? undefined : lastLines(output, 1);
}

/** @template T @param {(folder: string) => Promise<T>} work @returns {Promise<T>} */
async function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-image-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
