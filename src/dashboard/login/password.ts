import type { Viewer } from '../viewer.ts';
import { type FormContext, formLogin } from './form.ts';
import type { Login } from './login.ts';
import type { PasswordFile } from './password-file.ts';
import { isPassword, parsePasswordHash } from './password-hash.ts';

/** For a name that is not there: that takes as long, so that nobody learns names by it. */
const NOBODY = parsePasswordHash(`scrypt$32768$8$3$${'A'.repeat(22)}$${'A'.repeat(43)}`);

/** Signing in with a name and a password of a file. */
export function passwordLogin(file: PasswordFile, context: FormContext): Login {
  /** The line that each has signed in by: whose line is another one now, or gone, is signed out. */
  const lines = new WeakMap<Viewer, string>();
  return formLogin(
    {
      kind: 'password',
      fields: [
        { name: 'name', label: 'Name', isSecret: false, autocomplete: 'username' },
        { name: 'password', label: 'Password', isSecret: true, autocomplete: 'current-password' },
      ],
      async check(values) {
        const account = file.account(values.get('name') ?? '');
        const hash = account?.hash ?? NOBODY;
        const isRight = hash !== undefined && (await isPassword(values.get('password') ?? '', hash));
        if (!isRight || account === undefined) return undefined;
        const viewer = { name: account.name, mayOperate: account.mayOperate };
        lines.set(viewer, account.line);
        return viewer;
      },
      viewer: async ({ viewer }) => (file.account(viewer.name)?.line === lines.get(viewer) ? viewer : undefined),
    },
    context,
  );
}
