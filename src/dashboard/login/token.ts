import { timingSafeEqual } from 'node:crypto';
import { hashToken } from '../../config/token.ts';
import type { Viewer } from '../viewer.ts';
import { type FormContext, formLogin } from './form.ts';
import type { Login } from './login.ts';

/** The daemon's tokens, as far as this dashboard has them. */
export interface Tokens {
  readonly whole: string | undefined;
  readonly read: string | undefined;
}

/** Signing in with the daemon's own token, which may do all, or its read token, which looks. */
export function tokenLogin({ whole, read }: Tokens, context: FormContext): Login {
  const known = [
    { token: whole, viewer: { name: 'operator', mayOperate: true } },
    { token: read, viewer: { name: 'viewer', mayOperate: false } },
  ].flatMap(({ token, viewer }) => (token === undefined ? [] : [{ hash: hashToken(token), viewer }]));
  return formLogin(
    {
      kind: 'token',
      fields: [{ name: 'token', label: 'Token', isSecret: true, autocomplete: 'current-password' }],
      async check(values) {
        const shown = hashToken(values.get('token')?.trim() ?? '');
        let found: Viewer | undefined;
        // All are compared, so that the time says nothing.
        for (const { hash, viewer } of known) if (timingSafeEqual(shown, hash)) found = viewer;
        return found;
      },
      viewer: async ({ viewer }) => viewer,
    },
    context,
  );
}
