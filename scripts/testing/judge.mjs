/** More tests than this that need a second try are races, not a machine that stood still for a moment. */
const MAX_RETRIED = 3;

/**
 * Prints what a run has to tell besides its failures: what was tried again, and what was skipped, by reason.
 * @param {import('./vitest.mjs').Result} result
 * @param {{ isWhole?: boolean, leftOut?: string }} [options] `isWhole`: every test was meant to run, so each that did not
 *   has to say why; `leftOut`: the words by which a reason is known that needs no list of names
 * @returns {number} how many faults of the run itself it found
 */
export function judge({ retried, skips }, { isWhole = true, leftOut } = {}) {
  let faults = 0;
  if (retried.length > 0) {
    console.log('\nPassed at the second try only:');
    for (const name of retried) console.log(`- ${name}`);
  }
  if (retried.length > MAX_RETRIED) {
    console.log(`FAILED: ${retried.length} tests needed a second try, which is more than ${MAX_RETRIED}.`);
    faults += 1;
  }

  /** @type {Map<string, typeof skips>} */
  const reasons = new Map();
  for (const skip of skips) {
    const reason = skip.reason ?? 'no reason given';
    reasons.set(reason, [...(reasons.get(reason) ?? []), skip]);
  }
  if (reasons.size > 0) console.log('\nSkipped:');
  for (const [reason, tests] of reasons) {
    const count = tests.reduce((sum, test) => sum + test.tests, 0);
    console.log(`- ${count === 1 ? '1 test' : `${count} tests`}: ${reason}`);
    if (leftOut && reason.includes(leftOut)) continue;
    for (const { name } of tests) console.log(`    ${name}`);
  }
  if (isWhole && skips.some(({ reason }) => reason === undefined)) {
    console.log('FAILED: a test that is skipped has to say why (test/support/skip.ts).');
    faults += 1;
  }
  return faults;
}
