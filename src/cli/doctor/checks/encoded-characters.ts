import { type Finding, ok, skipped, warn } from '../check.ts';
import { askPublic } from '../public-side.ts';
import type { Scene } from '../scene.ts';

const REFUSED = 400;
/** Traefik looks at the characters once a router has matched. */
const NO_ROUTE = 404;
/** What names of users and files may have in them. Releases of Traefik differ in what they let pass unless told otherwise. */
const CHARACTERS = ['%2F', '%5C', '%3B', '%3F', '%23', '%25'];

/** Does Traefik refuse paths that CHP lets pass? */
export async function encodedCharacters({ api, config }: Scene): Promise<Finding> {
  if (config.driver !== 'traefik') return skipped('the proxy is not Traefik');
  const plain = await askPublic(config, '/signalbox-doctor');
  if (plain === undefined) return skipped('the public side does not answer');
  if (plain.status === REFUSED) return skipped('the public side refuses every request');
  const answers = await Promise.all(CHARACTERS.map((text) => askPublic(config, `/signalbox-doctor/a${text}b`)));
  const refused = CHARACTERS.filter((_, index) => answers[index]?.status === REFUSED);
  if (plain.status === NO_ROUTE && 'readiness' in api && !api.readiness.ready) {
    return skipped('Traefik does not serve the newest table');
  }
  if (refused.length === 0 && plain.status === NO_ROUTE) {
    return skipped('no route takes the request that would show it: there is no root route');
  }
  if (refused.length === 0) return ok('encoded characters pass');
  return warn(
    `Traefik refuses paths with ${refused.join(', ')}`,
    'Allow them in http.encodedCharacters of the entry point, in the static configuration of Traefik, or files and users with such names are out of reach.',
  );
}
