/**
 * `npm run test:docker`: the tests of docker/ with all they need: an engine is started where one is installed, compose is
 * built where it is missing, base images are pulled or made. Arguments go on to vitest.
 */
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { ensureDependencies, findNode } from './setup/dependencies.mjs';
import { ensureDocker } from './setup/docker.mjs';
import { startEngine } from './setup/docker-engine.mjs';
import { root } from './setup/run.mjs';

await ensureDependencies();
const stop = await startEngine(console.log);
try {
  const docker = await ensureDocker({ patient: true });
  console.log(`Docker for the tests: ${docker.engine ?? `missing, ${docker.reason}`}`);
  for (const [name, reason] of Object.entries(docker.missing ?? {})) console.log(`${name}: ${reason}`);
  process.exitCode = await vitest(docker);
} finally {
  await stop?.();
}

async function vitest(docker) {
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'docker', ...process.argv.slice(2)];
  const env = {
    ...process.env,
    PATH: [join(root, 'node_modules/.bin'), process.env.PATH].join(delimiter),
    SIGNALBOX_TEST_DOCKER: JSON.stringify(docker),
  };
  const child = spawn(await findNode(), args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
  // The terminal tells the tests, too; we wait for them, for there is an engine to stop.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return new Promise((done) => child.once('close', (code) => done(code ?? 1)).once('error', () => done(1)));
}
