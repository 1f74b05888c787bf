import { Breather, inSlices } from '../../system/breather.ts';
import type { Descriptor } from './descriptor.ts';

type Entries = ReadonlyMap<string, Descriptor>;

/** Which entries have to be set, and which keys have to go, for one table to become another. */
export async function differences(before: Entries, wanted: Entries) {
  const breather = new Breather();
  const changed = new Map<string, Descriptor>();
  const gone: string[] = [];
  const compare = ([key, descriptor]: readonly [string, Descriptor]) => {
    if (before.get(key) !== descriptor) changed.set(key, descriptor);
  };
  const look = (key: string) => {
    if (!wanted.has(key)) gone.push(key);
  };
  await inSlices(wanted, compare, breather);
  await inSlices(before.keys(), look, breather);
  return { changed, gone };
}
