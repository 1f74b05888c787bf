import type { Viewer } from '../viewer.ts';
import { field, type HubRequests, notTheHub, objectIn } from './hub-requests.ts';
import { holds, mayLook } from './scopes.ts';

/** Whom a token belongs to and what they may do; undefined when it is no longer good, or for somebody who may not look. */
export async function whoIs(
  requests: HubRequests,
  token: string,
  accessScopes: readonly string[],
): Promise<Viewer | undefined> {
  const answer = await requests.send('user', { token });
  if (answer.status === 401 || answer.status === 403) return undefined;
  // A proxy whose Hub is away, or is starting, may say 404: nobody is signed out for that.
  if (answer.status !== 200) throw notTheHub();
  const model = objectIn(answer, 'to say who you are');
  const [name, given] = [field(model, 'name'), field(model, 'scopes')];
  const scopes = Array.isArray(given) ? given.filter((one) => typeof one === 'string') : [];
  if (typeof name !== 'string' || !mayLook(scopes, accessScopes)) return undefined;
  return { name, mayOperate: holds(scopes, 'proxy'), hub: { token, scopes } };
}
