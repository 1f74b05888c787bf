import { describe, type TestFunction, type TestOptions, test } from 'vitest';

/**
 * A suite that needs something which may be missing. The reason stands in the name of what was skipped, so that it shows
 * in every report.
 */
export function describeIf(condition: unknown, reason: string, name: string, body: () => void): void {
  if (condition) describe(name, body);
  else describe.skip(`${name} [${reason}]`, body);
}

interface TestLike {
  (name: string, body: TestFunction): void;
  (name: string, options: TestOptions, body: TestFunction): void;
}

/** A test that needs something which may be missing; the reason is printed at the end of `npm test`. */
export function testIf(condition: unknown, reason: string): TestLike {
  return condition ? test : (name: string) => test(name, ({ skip }) => skip(reason));
}

export const isRoot = process.getuid?.() === 0;

/** A test that needs root, and why. */
export const testAsRoot = (reason: string): TestLike => testIf(isRoot, `needs root, ${reason}`);
