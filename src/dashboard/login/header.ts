import { timingSafeEqual } from 'node:crypto';
import { hashToken } from '../../config/token.ts';
import { automaticLogin } from './automatic.ts';
import type { Login } from './login.ts';

/** Carries the secret that only the proxy in front knows. */
export const SECRET_HEADER = 'signalbox-login-secret';

export interface HeaderLoginOptions {
  /** Where the proxy says who it is, such as `X-Remote-User`. */
  readonly name: string;
  /** Undefined on a unix socket, which only the proxy can open. */
  readonly secret: string | undefined;
  readonly prefix: string;
}

/** A proxy in front has people sign in, and says in a header who they are. */
export function headerLogin({ name, secret, prefix }: HeaderLoginOptions): Login {
  const header = name.toLowerCase();
  const wanted = secret === undefined ? undefined : hashToken(secret);
  return automaticLogin('header', prefix, ({ headers }) => {
    const [shown, given] = [headers[SECRET_HEADER], headers[header]];
    if (wanted && !timingSafeEqual(wanted, hashToken(typeof shown === 'string' ? shown : ''))) return undefined;
    if (typeof given !== 'string' || given.trim() === '') return undefined;
    // Node reads headers as Latin-1; most who send more than ASCII mean UTF-8.
    return { name: Buffer.from(given.trim(), 'latin1').toString('utf8'), mayOperate: true };
  });
}
