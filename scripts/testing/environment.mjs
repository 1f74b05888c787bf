import { delimiter, join } from 'node:path';
import { ensureChromium } from '../setup/chromium.mjs';
import { ensureDocker } from '../setup/docker.mjs';
import { ensureJupyterHub, ensureNewestJupyterHub } from '../setup/jupyterhub.mjs';
import { ensureTestPostgres } from '../setup/postgres.mjs';
import { ensurePythonClients } from '../setup/python-clients.mjs';
import { root } from '../setup/run.mjs';
import { ensureTestPrograms } from '../setup/test-programs.mjs';
import { ensureDependencies, ensureTestNginxes, ensureTraefik } from '../setup.mjs';

/**
 * Gets everything that the tests can use, and says what there is.
 * @param {{ docker?: boolean }} [options] `docker: false`: without images for test/docker
 * @returns {Promise<NodeJS.ProcessEnv>} how the tests know of it
 */
export async function setUp({ docker: withDocker = true } = {}) {
  const proxies = await setUpProxies();
  const { bin: jupyterhub, reason } = await ensureJupyterHub();
  console.log(`JupyterHub for the tests: ${jupyterhub ?? `missing, ${reason}`}`);
  const newest = await ensureNewestJupyterHub();
  console.log(`The newest JupyterHub for the tests: ${newest.bin ?? `missing, ${newest.reason}`}`);
  const python = await ensurePythonClients();
  console.log(`HTTP clients in Python for the tests: ${python.bin ?? `missing, ${python.reason}`}`);
  const programs = await ensureTestPrograms();
  console.log(`Programs for the tests: ${[...programs.paths, programs.reason].filter(Boolean).join(', ')}`);
  const postgres = await ensureTestPostgres();
  for (const { version, bin } of postgres.present) console.log(`PostgreSQL for the tests: ${version}, ${bin}`);
  for (const { label, reason } of postgres.missing)
    console.log(`PostgreSQL for the tests (${label}): missing, ${reason}`);
  const browser = await ensureChromium();
  const { chromium } = browser;
  console.log(
    `Chromium for the tests: ${chromium ? `${chromium.version}, ${chromium.path}` : `missing, ${browser.reason}`}`,
  );
  const env = {
    ...proxies,
    ...withOurNode(programs.bin),
    SIGNALBOX_TEST_POSTGRES: JSON.stringify(postgres),
    SIGNALBOX_TEST_CHROMIUM: JSON.stringify(browser),
  };
  if (!withDocker) return env;
  const docker = await ensureDocker();
  console.log(`Docker for the tests: ${docker.engine ?? `missing, ${docker.reason}`}`);
  return { ...env, SIGNALBOX_TEST_DOCKER: JSON.stringify(docker) };
}

/** The dependencies and the proxies alone. @returns {Promise<NodeJS.ProcessEnv>} */
async function setUpProxies() {
  await ensureDependencies();
  const nginxes = await ensureTestNginxes();
  for (const { label, version, path } of nginxes.present)
    console.log(`nginx for the tests (${label}): ${version}, ${path}`);
  for (const { label, reason } of nginxes.missing) console.log(`nginx for the tests (${label}): missing, ${reason}`);
  const traefik = await ensureTraefik();
  console.log(
    `Traefik for the tests: ${traefik.traefik ? `${traefik.traefik.version}, ${traefik.traefik.path}` : `missing, ${traefik.reason}`}`,
  );
  return {
    ...withOurNode(),
    SIGNALBOX_TEST_NGINX: JSON.stringify(nginxes),
    SIGNALBOX_TEST_TRAEFIK: JSON.stringify(traefik),
  };
}

/**
 * What a test starts by name must be the Node.js that Signalbox runs on.
 * @param {string} [last] a folder of programs that are used where the machine has none
 */
export function withOurNode(last) {
  const path = [join(root, 'node_modules/.bin'), process.env.PATH, last].filter(Boolean).join(delimiter);
  return { ...process.env, PATH: path };
}
