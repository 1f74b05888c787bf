import { defineConfig } from 'vitest/config';

/** One folder of tests with its limits: a test that hangs is to fail before anyone wonders. */
function project(name: string, testTimeout: number, retry = 2, globalSetup: string[] = []) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout,
      hookTimeout: Math.max(testTimeout, 30_000),
      // Promises such as "back within two seconds" can't be kept by a machine that stands still: two more tries, which
      // the end of `npm test` reports. A unit test has no such excuse.
      retry,
      globalSetup,
    },
  };
}

export default defineConfig({
  test: {
    // Files start proxies and daemons of their own, and mostly wait for them: one more than the two processors of a small
    // machine keeps those busy, yet more would only slow each other down and blur timings.
    maxWorkers: 3,
    setupFiles: ['test/support/vitest-cleanup.ts'],
    projects: [
      project('unit', 10_000, 0),
      project('integration', 60_000),
      project('conformance', 60_000),
      project('e2e', 120_000),
      project('docker', 120_000, 1, ['test/docker/build-images.ts']),
    ],
  },
});
