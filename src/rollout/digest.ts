import { createHash } from 'node:crypto';

/** 16 hexadecimal digits; another one for other parts, however they are cut. */
export function digestOf(parts: Iterable<string>): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  return hash.digest('hex').slice(0, 16);
}
