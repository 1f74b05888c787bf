import { type Check, ok, skipped, warn } from '../check.ts';
import { askPublic } from '../public-side.ts';

const REFUSED = 400;
/** What names of users and files are full of, and Traefik refuses from 3.6.4 on unless told otherwise. */
const CHARACTERS = ['%2F', '%5C', '%3B', '%3F', '%23', '%25'];

/** Does Traefik refuse paths that CHP lets pass? */
export const encodedCharacters: Check = {
  id: 'encoded-characters',

  async run({ config }) {
    if (config.driver !== 'traefik') return skipped('the proxy is not Traefik');
    const plain = await askPublic(config, '/signalbox-doctor');
    if (plain === undefined) return skipped('the public side does not answer');
    if (plain.status === REFUSED) return skipped('the public side refuses every request');
    const answers = await Promise.all(CHARACTERS.map((text) => askPublic(config, `/signalbox-doctor/a${text}b`)));
    const refused = CHARACTERS.filter((_, index) => answers[index]?.status === REFUSED);
    if (refused.length === 0) return ok('encoded characters pass');
    return warn(
      `Traefik refuses paths with ${refused.join(', ')}`,
      'Allow them in http.encodedCharacters of the entry point, in the static configuration of Traefik, or files and users with such names are out of reach.',
    );
  },
};
