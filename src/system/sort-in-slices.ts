import type { Breather } from './breather.ts';

/** So many are sorted, or merged, between two looks at the clock. */
const AT_ONCE = 512;

/** 0, 1, 2 and so on, to be sorted in the place of what they are the indexes of. */
export function indexes(length: number): Uint32Array<ArrayBuffer> {
  const made = new Uint32Array(length);
  for (let index = 0; index < length; index++) made[index] = index;
  return made;
}

/**
 * Sorts what may be 100,000 things in slices between which others have their turn: runs of some hundred, which are then merged. Stable, and
 * quick where much of it is in order.
 */
export async function sortInSlices(
  items: Uint32Array<ArrayBuffer>,
  compare: (a: number, b: number) => number,
  breather: Breather,
): Promise<Uint32Array<ArrayBuffer>> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    items.subarray(from, from + AT_ONCE).sort(compare);
    if (breather.isDue) await breather.rest();
  }
  let [source, target] = [items, new Uint32Array(items.length)];
  for (let run = AT_ONCE; run < items.length; run *= 2) {
    for (let from = 0; from < items.length; from += 2 * run) {
      await merge(source, target, { from, middle: from + run, to: Math.min(from + 2 * run, items.length) });
    }
    [source, target] = [target, source];
  }
  return source;

  async function merge(
    source: Uint32Array,
    target: Uint32Array,
    { from, middle, to }: { from: number; middle: number; to: number },
  ): Promise<void> {
    const at = (index: number) => source[index] as number;
    if (middle >= to || compare(at(middle - 1), at(middle)) <= 0) {
      target.set(source.subarray(from, to), from);
      return;
    }
    let [left, right] = [from, middle];
    for (let index = from; index < to; index++) {
      const isLeft = right >= to || (left < middle && compare(at(left), at(right)) <= 0);
      target[index] = isLeft ? at(left++) : at(right++);
      if (index % AT_ONCE === 0 && breather.isDue) await breather.rest();
    }
  }
}
