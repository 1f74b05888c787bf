/**
 * Brings a fresh clone to where tests and the demo can run: `node scripts/setup.mjs`. Plain JavaScript with nothing but
 * Node.js 20, since it runs before there are dependencies. Quick, and without the network, when all is there.
 */
import { pathToFileURL } from 'node:url';
import { ensureDependencies, findNode } from './setup/dependencies.mjs';
import { ensureNginx, ensureTestNginxes } from './setup/nginx.mjs';
import { SetupError } from './setup/run.mjs';
import { ensureTraefik } from './setup/traefik.mjs';

export { ensureDependencies, ensureNginx, ensureTestNginxes, ensureTraefik, findNode, SetupError };

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  try {
    await ensureDependencies();
    console.log(`node: ${await findNode()}`);
    const { path, version, from } = await ensureNginx();
    console.log(`nginx: ${version} at ${path} (${from})`);
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
