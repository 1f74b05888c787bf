import { defineConfig } from 'vitest/config';

const BUILD = 'test/support/vitest-build.ts';

/** One folder of tests with its limits: a test that hangs is to fail before anyone wonders. */
function project(name: string, testTimeout: number, globalSetup: string[] = []) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout,
      hookTimeout: Math.max(testTimeout, 30_000),
      globalSetup,
    },
  };
}

export default defineConfig({
  test: {
    // Files start proxies and daemons of their own, and mostly wait for them: one more than the two processors of a small
    // machine keeps those busy, yet more would only slow each other down and blur timings.
    maxWorkers: 3,
    // A race that shows in one run of ten must fail that run. Only a test that asserts a promise in wall-clock time, which a
    // machine that stands still for a moment can't keep, may say `{ retry: 1 }` itself; `npm test` fails when many need it.
    retry: 0,
    setupFiles: ['test/support/vitest-cleanup.ts', 'test/support/vitest-seed.ts'],
    projects: [
      project('unit', 10_000),
      project('integration', 60_000, [BUILD]),
      project('conformance', 60_000, [BUILD]),
      project('e2e', 120_000, [BUILD]),
      project('docker', 120_000, ['test/docker/build-images.ts']),
    ],
  },
});
