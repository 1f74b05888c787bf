import { delimiter } from 'node:path';
import { ensureJupyterHub, ensureNewestJupyterHub } from '../../../scripts/setup/jupyterhub.mjs';

const found = await ensureJupyterHub({ fetch: false });
const newest = await ensureNewestJupyterHub({ fetch: false });

/** Why there is no JupyterHub on this machine, in one line; undefined when there is one. */
export const missingJupyterHub = found.bin === undefined ? `no JupyterHub: ${found.reason}` : undefined;
export const missingNewestJupyterHub =
  newest.bin === undefined ? `no JupyterHub of the newest kind: ${newest.reason}` : undefined;

/** A PATH on which `jupyterhub` and what it starts by name are those of the virtual environment. */
export const jupyterPath = pathWith(found.bin);
export const newestJupyterPath = pathWith(newest.bin);

function pathWith(bin: string | undefined): string {
  return [bin, process.env.PATH].filter(Boolean).join(delimiter);
}
