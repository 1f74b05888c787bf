import { ensureVenv } from './venv.mjs';

// Pinned like nginx. h2 has httpx speak HTTP/2.
const wanted = {
  name: 'python-clients-venv',
  what: 'HTTP clients in Python for the tests',
  requirements: ['requests==2.34.*', 'aiohttp==3.14.*', 'httpx==0.28.*', 'h2==4.4.*', 'websockets==17.4.*'],
  modules: ['requests', 'aiohttp', 'httpx', 'h2', 'websockets'],
};

/**
 * The clients that people's programs are written with. Where they can't be had the tests are skipped with the reason.
 * @param {{ progress?: (line: string) => void, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<import('./venv.mjs').Venv>} `bin`: the folder of its `python`
 */
export function ensurePythonClients(options) {
  return ensureVenv(wanted, options);
}
