import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { runProcess } from './process.ts';
import { isAlive } from './process-tree.ts';

/**
 * Global set-up of vitest: builds the package, which the tests run in place of the source. It is what users run, and a daemon
 * starts with a third of the work, hundreds of times. Below node_modules, where its dependencies are found.
 */
export default async function build(project: TestProject): Promise<(() => void) | undefined> {
  // For one project or for several, it is built once.
  if (process.env.SIGNALBOX_TEST_BIN) return undefined;
  const cache = join(process.cwd(), 'node_modules/.cache');
  const folder = join(cache, `signalbox-test-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(cache)) {
    // What a run left that was killed.
    const [, pid] = /^signalbox-test-(\d+)$/.exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) rmSync(join(cache, name), { recursive: true });
  }
  const make = async () => {
    for (const name of ['bin', 'templates', 'package.json']) cpSync(name, join(folder, name), { recursive: true });
    const { code, stderr } = await runProcess(process.execPath, ['scripts/build.mjs', join(folder, 'dist')]);
    if (code !== 0) throw new Error(`the package can't be built:\n${stderr}`);
  };
  await make();
  project.onTestsRerun(make);
  process.env.SIGNALBOX_TEST_BIN = join(folder, 'bin/signalbox.js');
  return () => rmSync(folder, { recursive: true, force: true });
}
