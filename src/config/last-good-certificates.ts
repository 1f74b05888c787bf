import { join } from 'node:path';
import type { ReadFile } from './read-file.ts';

/** What files of certificates and keys hold, by their paths; never to be printed. */
export type CertificateTexts = ReadonlyMap<string, string>;

/** Where the daemon keeps the contents that it uses, for a start while the files are half renewed. */
export function lastGoodPath(stateDir: string): string {
  return join(stateDir, 'certificates.json');
}

/** Empty where there are none that can be read: then there is nothing to fall back to. */
export function readLastGood(stateDir: string, readFile: ReadFile): CertificateTexts {
  try {
    return new Map(Object.entries(JSON.parse(readFile(lastGoodPath(stateDir)).text)));
  } catch {
    return new Map();
  }
}
