import type { Descriptor } from './descriptor.ts';

/** nginx reads configuration in pieces of 4,096 bytes and takes no longer parameter (NGX_CONF_BUFFER). */
const MAX_PARAMETER = 4_000;

/** Each depth in use costs every request a lookup; real routes are not nested this deep. */
export const MAX_DEPTH = 32;

/** Linux: NAME_MAX and PATH_MAX. */
const MAX_NAME = 255;
const MAX_PATH = 4_000;

/** Can the live table hold this route? Key and descriptor are paths there. */
export function fitsPaths(key: string, descriptor: Descriptor): boolean {
  return (key === '/' || fitsPath(key.slice(1))) && fitsPath(descriptor);
}

function fitsPath(path: string): boolean {
  if (Buffer.byteLength(path) > MAX_PATH) return false;
  return path.split('/').every((name) => isName(name));
}

function isName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && Buffer.byteLength(name) <= MAX_NAME;
}

/** Can the row of this key stand in a map? `row` is the quoted value. */
export function fitsMap(quotedKey: string, row: string): boolean {
  return Buffer.byteLength(quotedKey) <= MAX_PARAMETER && Buffer.byteLength(row) <= MAX_PARAMETER;
}
