import { createHash } from 'node:crypto';

/** 16 hexadecimal digits. `['ab', 'c']` and `['a', 'bc']` have different ones. */
export function digestOf(parts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}
