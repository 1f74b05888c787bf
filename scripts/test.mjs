/**
 * `npm test`: sets a fresh clone up, then lint, types and all tests. The last line is `N passed, N failed, N skipped`, as
 * the test runner counted; a failed lint or type check counts as one failure each. Arguments go on to vitest.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ensureDocker } from './setup/docker.mjs';
import { ensureJupyterHub } from './setup/jupyterhub.mjs';
import { ensurePythonClients } from './setup/python-clients.mjs';
import { root } from './setup/run.mjs';
import { ensureTestPrograms } from './setup/test-programs.mjs';
import { ensureDependencies, ensureTestNginxes, ensureTraefik, findNode, SetupError } from './setup.mjs';

const counts = { passed: 0, failed: 0, skipped: 0 };
try {
  await main();
} catch (error) {
  counts.failed += 1;
  console.error(error instanceof SetupError ? error.message : error);
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 || counts.passed === 0 ? 1 : 0;

async function main() {
  await ensureDependencies();
  const nginxes = await ensureTestNginxes();
  for (const { label, version, path } of nginxes.present)
    console.log(`nginx for the tests (${label}): ${version}, ${path}`);
  for (const { label, reason } of nginxes.missing) console.log(`nginx for the tests (${label}): missing, ${reason}`);
  const traefik = await ensureTraefik();
  console.log(
    `Traefik for the tests: ${traefik.traefik ? `${traefik.traefik.version}, ${traefik.traefik.path}` : `missing, ${traefik.reason}`}`,
  );
  const { bin: jupyterhub, reason } = await ensureJupyterHub();
  console.log(`JupyterHub for the tests: ${jupyterhub ?? `missing, ${reason}`}`);
  const python = await ensurePythonClients();
  console.log(`HTTP clients in Python for the tests: ${python.bin ?? `missing, ${python.reason}`}`);
  const programs = await ensureTestPrograms();
  console.log(`Programs for the tests: ${[...programs.paths, programs.reason].filter(Boolean).join(', ')}`);
  const docker = await ensureDocker();
  console.log(`Docker for the tests: ${docker.engine ?? `missing, ${docker.reason}`}`);

  const node = await findNode();
  const bin = join(root, 'node_modules/.bin');
  const env = {
    ...process.env,
    // What a test starts by name must be the Node.js that Signalbox runs on.
    PATH: [bin, process.env.PATH, programs.bin].filter(Boolean).join(delimiter),
    SIGNALBOX_TEST_NGINX: JSON.stringify(nginxes),
    SIGNALBOX_TEST_DOCKER: JSON.stringify(docker),
    SIGNALBOX_TEST_TRAEFIK: JSON.stringify(traefik),
  };
  await check('lint', join(bin, 'biome'), ['check', '--error-on-warnings'], env);
  await check('types', join(bin, 'tsc'), ['-p', '.'], env);
  await runTests(node, env);
}

async function check(name, command, args, env) {
  const started = Date.now();
  const code = await execute(command, args, env);
  console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (code !== 0) counts.failed += 1;
}

async function runTests(node, env) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-test-result-'));
  const file = join(folder, 'result.json');
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/test-reporter.mjs')}`];
  const args = [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...process.argv.slice(2)];
  try {
    const code = await execute(node, args, { ...env, SIGNALBOX_TEST_RESULT: file });
    const result = JSON.parse(readFileSync(file, 'utf8'));
    counts.passed += result.passed;
    counts.skipped += result.skipped;
    // vitest also fails for reasons that are no test's, such as no test file found.
    counts.failed += result.failed === 0 && code !== 0 ? 1 : result.failed;
    if (result.retried.length > 0) console.log('\nPassed at the second or third try only:');
    for (const name of result.retried) console.log(`- ${name}`);
    if (result.skips.length > 0) console.log('\nSkipped:');
    for (const { name, tests, reason } of result.skips)
      console.log(`- ${name}${tests > 1 ? ` (${tests} tests)` : ''}: ${reason ?? 'no reason given'}`);
  } catch (error) {
    throw new SetupError(`vitest ended without a result: ${error.message}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns {Promise<number>} the exit code; output goes straight through. */
function execute(command, args, env) {
  return new Promise((done) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', (error) => {
      console.error(error.message);
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}
