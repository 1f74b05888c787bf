import { ensureCompose } from './docker-compose.mjs';
import { ensureImages } from './docker-images.mjs';
import { withSetupLock } from './lock.mjs';
import { run, which } from './run.mjs';

/**
 * @typedef {object} Docker What the tests of docker/ can use.
 * @property {string} [engine] version of the engine; without it `reason` says why there is none.
 * @property {Record<string, string>} [env] what `docker` and testcontainers have to be run with.
 * @property {string} [noCompose] why compose topologies can't be played.
 * @property {Record<string, string>} [missing] base images that can't be had, and why.
 * @property {string} reason
 */

/**
 * Looks for a Docker engine, for `docker compose`, and for the base images of docker/. No engine is no error: the tests are
 * skipped with the reason.
 * @param {{ progress?: (line: string) => void, fetch?: boolean, patient?: boolean }} [options] `fetch: false`: only what is
 *   here already; `patient`: also what takes minutes
 * @returns {Promise<Docker>}
 */
export async function ensureDocker({ progress = console.log, fetch = true, patient = false } = {}) {
  if (!which('docker')) return { reason: 'docker is not installed' };
  const version = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 });
  if (!version.ok) return { reason: 'no Docker engine answers (npm run test:docker starts one where it is installed)' };
  return withSetupLock(progress, async () => {
    const compose = await ensureCompose({ progress, build: patient });
    const missing = await ensureImages({ progress, fetch });
    // The builder that every engine has; the other one is a plug-in that may be missing.
    const env = { DOCKER_BUILDKIT: '0', ...compose.env };
    return { engine: version.output.trim(), env, noCompose: compose.reason, missing, reason: '' };
  });
}
