import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Breather } from '../../../src/system/breather.ts';
import { sortInSlices } from '../../../src/system/sort-in-slices.ts';

it('sorts as Array.sort does, and keeps the order of equals', async () => {
  const values = fc.oneof(
    fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 5_000, size: 'max' }),
    // Much of it in order already.
    fc
      .tuple(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 1, max: 9 }))
      .map(([count, step]) => Array.from({ length: count }, (_, n) => Math.floor(n / step))),
  );
  await fc.assert(
    fc.asyncProperty(values, async (numbers) => {
      const compare = (a: number, b: number) => (numbers[a] as number) - (numbers[b] as number);
      const sorted = await sortInSlices(Uint32Array.from(numbers.keys()), compare, new Breather());
      expect([...sorted]).toEqual([...numbers.keys()].sort(compare));
    }),
    { numRuns: 50 },
  );
});

it('leaves others their turn', async () => {
  const items = Uint32Array.from({ length: 200_000 }, (_, n) => (n * 7_919) % 200_000);
  let turns = 0;
  const others = setInterval(() => turns++, 0);
  const sorted = await sortInSlices(items, (a, b) => a - b, new Breather());
  clearInterval(others);
  expect(sorted.every((value, index) => value === index)).toBe(true);
  expect(turns).toBeGreaterThan(1);
});
