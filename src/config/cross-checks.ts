import { formatAddress, isLoopback } from '../system/address.ts';
import type { Choice } from './choose.ts';
import { clashingListeners } from './listen-claims.ts';
import type { Problem } from './problem.ts';
import { envName, type Key, type Values } from './schema.ts';

/** What the rules over several settings look at. */
export interface Facts extends Pick<Choice, 'values' | 'broken' | 'placeOf'> {
  readonly hasToken: boolean;
  /** There is a token that only reads. */
  readonly hasReadToken: boolean;
  /** The token was looked for and is reported as wrong. */
  readonly tokenBroken: boolean;
}

interface Rule {
  readonly keys: readonly Key[];
  /** What is wrong, if anything; reported at the first of the keys that isn't a default. */
  check(values: Values, facts: Facts): string | undefined;
}

const rules: readonly Rule[] = [
  {
    keys: [
      'public',
      'api',
      'public-socket',
      'api-socket',
      'metrics',
      'metrics-socket',
      'redirect',
      'traefik-dashboard',
    ],
    check: clashingListeners,
  },
  {
    keys: ['public-socket', 'public'],
    check: (_, { placeOf, values }) =>
      values['public-socket'] !== undefined && placeOf('public') !== undefined
        ? 'public-socket stands instead of public: give one of them'
        : undefined,
  },
  {
    keys: ['api', 'insecure-no-token', 'token-file'],
    check({ api, 'api-socket': socket, 'insecure-no-token': allowed }, { hasToken, tokenBroken }) {
      if (hasToken || tokenBroken || allowed || socket !== undefined || isLoopback(api.host)) return undefined;
      return (
        `with api at ${formatAddress(api)} and no token, other machines could change the routes: ` +
        'set SIGNALBOX_API_TOKEN (or CONFIGPROXY_AUTH_TOKEN, or token-file) to the token the Hub has, ' +
        `or set api to ${formatAddress({ host: '127.0.0.1', port: api.port })}, or allow it with insecure-no-token`
      );
    },
  },
  passwordInFlag('database'),
  passwordInFlag('database-listen'),
  {
    keys: ['namespaces', 'token-file'],
    check: ({ namespaces = [] }, { hasToken, tokenBroken }) =>
      namespaces.length > 0 && !hasToken && !tokenBroken
        ? 'namespaces need a token for the whole table beside theirs, or everyone who reaches the API would have that: set SIGNALBOX_API_TOKEN (or CONFIGPROXY_AUTH_TOKEN, or token-file)'
        : undefined,
  },
  {
    keys: ['read-token-file', 'token-file'],
    check: (_, { hasToken, hasReadToken, tokenBroken }) =>
      hasReadToken && !hasToken && !tokenBroken
        ? 'a token that only reads needs one for changes beside it, or everyone who reaches the API may change routes: set SIGNALBOX_API_TOKEN (or CONFIGPROXY_AUTH_TOKEN, or token-file)'
        : undefined,
  },
  { keys: ['namespaces', 'host-routing'], check: hostsAndPaths },
  goTogether('ssl-cert', 'ssl-key'),
  goTogether('api-ssl-cert', 'api-ssl-key'),
  goTogether('client-ssl-cert', 'client-ssl-key'),
  needs('redirect', 'ssl-cert', 'there is no HTTPS to redirect to'),
  ...(['ssl-', 'api-ssl-'] as const).flatMap((side) => [
    needs(`${side}request-cert`, `${side}cert`, 'client certificates are part of TLS'),
    needs(`${side}request-cert`, `${side}ca`, 'someone must have signed them'),
  ]),
  {
    keys: ['error-path', 'error-target'],
    check: ({ 'error-path': path, 'error-target': target }) =>
      path !== undefined && target !== undefined ? 'error-path and error-target exclude each other' : undefined,
  },
  {
    keys: ['managed', 'driver', 'traefik-dir', 'traefik-url'],
    check: ({ driver, managed, 'traefik-dir': dir, 'traefik-url': url }) =>
      driver !== 'traefik' || managed || (dir !== undefined && url !== undefined)
        ? undefined
        : 'a Traefik that someone else runs (managed: false) needs traefik-dir, the folder that it watches, and ' +
          'traefik-url, where it answers',
  },
];

/** Mistakes in how settings are combined. */
export function crossCheck(facts: Facts): Problem[] {
  return rules.flatMap(({ keys, check }) => {
    if (keys.some((key) => facts.broken.has(key))) return [];
    const message = check(facts.values, facts);
    if (message === undefined) return [];
    const place = keys.map(facts.placeOf).find((known) => known !== undefined);
    return [{ place: place ?? 'defaults', message }];
  });
}

/** Every user of the machine can read a command line. */
function passwordInFlag(key: 'database' | 'database-listen'): Rule {
  return {
    keys: [key],
    check(values, { placeOf }) {
      const hasPassword = /:\/\/[^/?]*:[^/?]*@|[?&]password=/.test(values[key] ?? '');
      if (!hasPassword || placeOf(key) !== `--${key}`) return undefined;
      const variable = envName(key);
      return `other users can see a password in a command line: set ${variable}, or leave it to PGPASSWORD or ~/.pgpass`;
    },
  };
}

/** With host-routing the first segment of a key is a host, else it is none. */
function hostsAndPaths({ namespaces = [], 'host-routing': hostRouting }: Values): string | undefined {
  for (const { name, host, domain } of namespaces) {
    if (hostRouting && host === undefined && domain === undefined) {
      return `the namespace ${name} has a path alone, and with host-routing every path is one of some host: give it host, too`;
    }
    if (!hostRouting && (host ?? domain) !== undefined) {
      return `the namespace ${name} needs host-routing: it has ${host === undefined ? 'domain' : 'host'}`;
    }
  }
  return undefined;
}

/** Neither has a use without the other. */
function goTogether(a: Key, b: Key): Rule {
  return {
    keys: [a, b],
    check(values) {
      if ((values[a] === undefined) === (values[b] === undefined)) return undefined;
      const [there, missing] = values[a] === undefined ? [b, a] : [a, b];
      return `${there} needs ${missing} beside it`;
    },
  };
}

/** The first, where it is set, can't do without the second. */
function needs(key: Key, needed: Key, why: string): Rule {
  return {
    keys: [key, needed],
    check: (values) => (values[key] && values[needed] === undefined ? `${key} needs ${needed}: ${why}` : undefined),
  };
}
