import { ensureVenv } from './venv.mjs';

// Pinned like nginx. jupyter-server alone has kernels and terminals; no page of JupyterLab is needed.
const wanted = {
  name: 'jupyterhub-venv',
  what: 'JupyterHub for the tests',
  requirements: ['jupyterhub==5.5.4', 'jupyter-server==2.21.*', 'ipykernel==7.4.*', 'jupyterhub-idle-culler==2.0.*'],
  modules: ['jupyterhub', 'jupyter_server', 'ipykernel'],
};

/**
 * A real JupyterHub for the tests. Where there is none the tests are skipped with the reason.
 * @param {{ progress?: (line: string) => void, fetch?: boolean }} [options] `fetch: false`: only what is here already
 * @returns {Promise<import('./venv.mjs').Venv>} `bin`: the folder of `jupyterhub` and `jupyterhub-singleuser`, to be put in
 *   front of the PATH
 */
export function ensureJupyterHub(options) {
  return ensureVenv(wanted, options);
}

const newest = {
  name: 'jupyterhub-newest-venv',
  what: 'the newest JupyterHub for the tests',
  requirements: ['jupyterhub==6.1.1'],
  modules: ['jupyterhub'],
};

/**
 * The newest Hub that is tested with, without servers for its users: it checks what older ones leave unchecked.
 * @param {{ progress?: (line: string) => void, fetch?: boolean }} [options]
 * @returns {Promise<import('./venv.mjs').Venv>}
 */
export function ensureNewestJupyterHub(options) {
  return ensureVenv(newest, options);
}
