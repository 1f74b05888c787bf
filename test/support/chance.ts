const isThorough = process.env.SIGNALBOX_TEST_THOROUGH !== undefined;

/** How often a property is tried: so many times by `npm run stress`, a fourth of it by `npm test`, where chance differs each time. */
export function runs(thorough: number): { numRuns: number } {
  return { numRuns: isThorough ? thorough : Math.ceil(thorough / 4) };
}
