// A set-up file of vitest. `npm run stress` gives a seed, so that what chance found can be found again.
const seed = process.env.SIGNALBOX_TEST_SEED;
if (seed !== undefined) {
  const { default: fc } = await import('fast-check');
  fc.configureGlobal({ seed: Number(seed) });
}
