import { join } from 'node:path';
import { root, SetupError } from '../setup/run.mjs';
import { execute } from './vitest.mjs';

/** What a run has come to so far; its last line of output is `N passed, N failed, N skipped`. */
export class Run {
  #counts = { passed: 0, failed: 0, skipped: 0 };

  /** @param {(run: Run) => Promise<void>} body */
  static async of(body) {
    const run = new Run();
    try {
      await body(run);
    } catch (error) {
      run.add({ failed: 1 });
      console.error(error instanceof SetupError ? error.message : error);
    }
    const { passed, failed, skipped } = run.#counts;
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
    process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
  }

  add({ passed = 0, failed = 0, skipped = 0 }) {
    this.#counts.passed += passed;
    this.#counts.failed += failed;
    this.#counts.skipped += skipped;
  }

  /** Lint and types count as one failure each; the page has a DOM, the rest has none. @param {NodeJS.ProcessEnv} env */
  async checkSources(env) {
    for (const [name, command, ...args] of [
      ['lint', 'biome', 'check', '--error-on-warnings'],
      ['types', 'tsc', '-p', '.'],
      ['types of the page', 'tsc', '-p', 'src/dashboard/page'],
    ]) {
      const started = Date.now();
      const code = await execute(join(root, 'node_modules/.bin', command), args, env);
      console.log(`${name}: ${code === 0 ? 'ok' : 'FAILED'} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
      if (code !== 0) this.add({ failed: 1 });
    }
  }
}
