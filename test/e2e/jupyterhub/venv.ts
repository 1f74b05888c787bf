import { delimiter } from 'node:path';
import { ensureJupyterHub } from '../../../scripts/setup/jupyterhub.mjs';

const found = await ensureJupyterHub({ fetch: false });

/** Why there is no JupyterHub on this machine, in one line; undefined when there is one. */
export const missingJupyterHub = found.bin === undefined ? `no JupyterHub: ${found.reason}` : undefined;

/** A PATH on which `jupyterhub` and what it starts by name are those of the virtual environment. */
export const jupyterPath = [found.bin, process.env.PATH].filter(Boolean).join(delimiter);
