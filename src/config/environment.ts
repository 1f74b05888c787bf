import type { Problem } from './problem.ts';
import { envName, KEYS } from './schema.ts';
import { fileOnlyHint, type Given, meansToken, type Source, TOKEN_HINT } from './source.ts';
import { didYouMean } from './suggest.ts';

const KEY_OF = new Map(KEYS.map((key) => [envName(key), key]));

/** Known beside the keys: read by token.ts, passphrase.ts, load.ts, and by commands that ask the API. */
const OTHERS = [
  'SIGNALBOX_API_TOKEN',
  'SIGNALBOX_READ_TOKEN',
  'SIGNALBOX_API_URL',
  'SIGNALBOX_CONFIG',
  'SIGNALBOX_SSL_KEY_PASSPHRASE',
  'SIGNALBOX_API_SSL_KEY_PASSPHRASE',
];

/** Reads the variables `SIGNALBOX_*`. An unknown one is a problem: a typing error there would otherwise change nothing. */
export function readEnvironment(env: NodeJS.ProcessEnv): Source {
  const source: (Given | Problem)[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('SIGNALBOX_') || text === undefined) continue;
    const key = KEY_OF.get(name);
    const inFile = key === undefined ? undefined : fileOnlyHint(key);
    if (inFile !== undefined) {
      source.push({ place: name, message: inFile });
    } else if (key !== undefined) {
      source.push({ key, text, place: name, named: true });
    } else if (!OTHERS.includes(name) && !isServiceLink(name, text)) {
      const hint = meansToken(name) ? `; ${TOKEN_HINT}` : didYouMean(name, [...KEY_OF.keys(), ...OTHERS]);
      source.push({ place: name, message: `is no setting${hint}` });
    }
  }
  return source;
}

/**
 * Kubernetes sets such variables in every pod for each Service of the namespace: for one named signalbox or
 * signalbox-api they begin like ours, and are nobody's mistake.
 * https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
function isServiceLink(name: string, text: string): boolean {
  return (
    /_SERVICE_(HOST|PORT(_\w+)?)$/.test(name) ||
    /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name) ||
    (name.endsWith('_PORT') && /^(tcp|udp|sctp):\/\//.test(text))
  );
}
