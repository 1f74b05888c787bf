import { automaticLogin } from './automatic.ts';
import type { Login } from './login.ts';

/** Nobody signs in: whoever reaches it may look. For loopback alone. */
export function noLogin(prefix: string): Login {
  return automaticLogin('none', prefix, () => ({ name: 'anybody', mayOperate: false }));
}
