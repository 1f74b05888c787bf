/**
 * `npm run test:fast`: lint, types, unit tests, and the integration tests that are quick, through the newest nginx
 * alone. Meant for all day long; `npm test` is what counts. Arguments go on to vitest.
 */

import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureTestNginxes } from './setup/nginx.mjs';
import { findNode } from './setup.mjs';
import { withOurNode } from './testing/environment.mjs';
import { judge } from './testing/judge.mjs';
import { LONG } from './testing/long.mjs';
import { Run } from './testing/run.mjs';
import { runVitest } from './testing/vitest.mjs';

const LEFT_OUT = 'left out of npm run test:fast';

await Run.of(async (run) => {
  await ensureDependencies();
  const { present, missing } = await ensureTestNginxes({ labels: ['wheel'] });
  for (const { version, path } of present) console.log(`nginx for the tests: ${version}, ${path}`);
  const env = {
    ...withOurNode(),
    SIGNALBOX_TEST_NGINX: JSON.stringify({ present, missing }),
    SIGNALBOX_TEST_TRAEFIK: JSON.stringify({ reason: LEFT_OUT }),
    SIGNALBOX_TEST_POSTGRES: JSON.stringify({ present: [], missing: [{ label: 'all', reason: LEFT_OUT }] }),
    SIGNALBOX_TEST_CHROMIUM: JSON.stringify({ reason: LEFT_OUT }),
  };
  await run.checkSources(env);
  const projects = ['unit', 'integration'].map((name) => `--project=${name}`);
  const exclude = LONG.map((files) => `--exclude=test/integration/${files}`);
  const result = await runVitest(await findNode(), [...projects, ...exclude, ...process.argv.slice(2)], env);
  run.add(result);
  run.add({ failed: judge(result, { isWhole: false, leftOut: LEFT_OUT }) });
  console.log(`\nLeft out, and part of npm test: Traefik, the older nginx, PostgreSQL, Chromium; conformance, JupyterHub, Docker;
  test/integration/${LONG.join(', ')}`);
});
