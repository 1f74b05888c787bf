import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** What OWASP advises for scrypt (2^15, 8, 3): some 32 MB and 100 ms. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const LENGTH = 32;
/** Of a file that somebody else wrote: none of its costs may stop the process. */
const MOST_MEMORY = 256 * 1024 * 1024;
const MOST_RUNS = 16;

/** A password as it is kept, read. */
export interface PasswordHash {
  readonly cost: ScryptOptions;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** As it stands in a file: `scrypt$N$r$p$SALT$KEY`, the last two in base64url. */
export async function hashPassword(password: string, cost = COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, LENGTH, cost);
  return ['scrypt', cost.N, cost.r, cost.p, salt.toString('base64url'), key.toString('base64url')].join('$');
}

/** Undefined for what is none. */
export function parsePasswordHash(text: string): PasswordHash | undefined {
  const [, N = 0, r = 0, p = 0, salt = '', key = ''] =
    /^scrypt\$(\d{1,9})\$(\d{1,4})\$(\d{1,4})\$([\w-]{22,86})\$([\w-]{43,86})$/.exec(text) ?? [];
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  const isPower = cost.N > 1 && (cost.N & (cost.N - 1)) === 0;
  const isBounded = cost.r > 0 && cost.p > 0 && cost.p <= MOST_RUNS && 128 * cost.N * cost.r < MOST_MEMORY;
  if (!isPower || !isBounded) return undefined;
  return { cost, salt: Buffer.from(salt, 'base64url'), key: Buffer.from(key, 'base64url') };
}

export async function isPassword(password: string, { cost, salt, key }: PasswordHash): Promise<boolean> {
  return timingSafeEqual(key, await derive(password, salt, key.length, cost));
}

function derive(password: string, salt: Buffer, length: number, cost: ScryptOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    // However it was typed: letters with accents can be written in two ways.
    scrypt(password.normalize('NFC'), salt, length, { ...cost, maxmem: 2 * MOST_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    );
  });
}
