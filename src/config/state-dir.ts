import { isAbsolute, join } from 'node:path';

/**
 * Where the state lives by default.
 * https://specifications.freedesktop.org/basedir-spec/latest/ (a relative XDG_STATE_HOME is to be ignored)
 */
export function defaultStateDir(env: NodeJS.ProcessEnv, user: { readonly uid: number; readonly home: string }): string {
  if (user.uid === 0) return '/var/lib/signalbox';
  const state = env.XDG_STATE_HOME ?? '';
  return join(isAbsolute(state) ? state : join(user.home, '.local/state'), 'signalbox');
}
