import { type Dirent, opendirSync } from 'node:fs';

const AT_ONCE = 256;

/** What is in a folder, read piece by piece: it may have 100,000 names. */
export function* namesIn(folder: string): Generator<Dirent> {
  const open = opendirSync(folder, { bufferSize: AT_ONCE });
  try {
    for (let item = open.readSync(); item !== null; item = open.readSync()) yield item;
  } finally {
    open.closeSync();
  }
}
