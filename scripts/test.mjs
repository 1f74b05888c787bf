/**
 * `npm test`: sets a fresh clone up, then lint, types and all tests. Arguments go on to vitest. The last line is
 * `N passed, N failed, N skipped`, as the test runner counted; a failed lint or type check counts as one failure each.
 */
import { findNode } from './setup.mjs';
import { setUp } from './testing/environment.mjs';
import { judge } from './testing/judge.mjs';
import { Run } from './testing/run.mjs';
import { runVitest } from './testing/vitest.mjs';

await Run.of(async (run) => {
  const env = await setUp();
  await run.checkSources(env);
  const args = process.argv.slice(2);
  const result = await runVitest(await findNode(), args, env);
  run.add(result);
  // Tests that a name was not given for (`-t NAME`) are skipped by vitest itself.
  const isWhole = !args.some((arg) => /^(?:-t|--testNamePattern)/.test(arg));
  run.add({ failed: judge(result, { isWhole }) });
});
