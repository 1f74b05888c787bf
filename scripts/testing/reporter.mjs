import { writeFileSync } from 'node:fs';

/**
 * A vitest reporter that writes what the scripts beside it print at the end: the counts, which tests failed, which passed
 * at the second try only, and why each skipped test was skipped. A reason is the note of `ctx.skip('…')`, or stands in
 * brackets in the name (`describeIf` of test/support/skip.ts).
 */
export default class CountReporter {
  /** @param {readonly import('vitest/node').TestModule[]} modules @param {readonly unknown[]} unhandledErrors */
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const [skips, failures, retried] = [new Map(), [], []];
    for (const module of modules) {
      // A file that can't be loaded and a hook that fails have no test that would show it.
      const broken = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
      counts.failed += module.errors().length + broken.reduce((sum, suite) => sum + suite.errors().length, 0);
      if (module.errors().length > 0) failures.push(module.relativeModuleId);
      failures.push(...broken.map((suite) => `${module.relativeModuleId} > ${suite.fullName}`));
      for (const test of module.children.allTests()) {
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        const result = test.result();
        if (test.diagnostic()?.flaky) retried.push(name);
        if (result.state === 'failed') failures.push(name);
        // 'pending' is a test that never ran although its run is over: a hook before it failed, or the run was broken off.
        if (result.state === 'passed' || result.state === 'failed') counts[result.state] += 1;
        else {
          counts.skipped += 1;
          const skip = skipOf(name, result.state === 'skipped' ? result.note : 'did not run');
          const same = skips.get(skip.name) ?? { ...skip, tests: 0 };
          skips.set(skip.name, { ...same, tests: same.tests + 1 });
        }
      }
    }
    const file = process.env.SIGNALBOX_TEST_RESULT;
    if (file) writeFileSync(file, JSON.stringify({ ...counts, skips: [...skips.values()], failures, retried }));
  }
}

/** A test of a skipped suite counts as the suite, whose name ends with the reason: `nginx [is not here] > starts`. */
function skipOf(/** @type {string} */ fullName, /** @type {string | undefined} */ note) {
  const suite = note ? null : /^(.*?) \[(.*?)\](?: > |$)/.exec(fullName);
  return { name: suite?.[1] ?? fullName, reason: suite?.[2] ?? note };
}
