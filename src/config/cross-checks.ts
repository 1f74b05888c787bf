import { clash, formatAddress, isLoopback } from './address.ts';
import type { Choice } from './choose.ts';
import { formatDuration } from './duration.ts';
import type { Problem } from './problem.ts';
import { envName, type Key, type Values } from './schema.ts';

/** What the rules over several settings look at. */
export interface Facts extends Pick<Choice, 'values' | 'broken' | 'placeOf'> {
  readonly hasToken: boolean;
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
    keys: ['public', 'api'],
    check: ({ public: open, api }) =>
      clash(open, api)
        ? `public (${formatAddress(open)}) and api (${formatAddress(api)}) can't both listen there: give one another port`
        : undefined,
  },
  {
    keys: ['api', 'insecure-no-token', 'token-file'],
    check({ api, 'insecure-no-token': allowed }, { hasToken, tokenBroken }) {
      if (hasToken || tokenBroken || allowed || isLoopback(api.host)) return undefined;
      return (
        `with api at ${formatAddress(api)} and no token, other machines could change the routes: ` +
        'set SIGNALBOX_API_TOKEN (or CONFIGPROXY_AUTH_TOKEN, or token-file) to the token the Hub has, ' +
        `or set api to ${formatAddress({ host: '127.0.0.1', port: api.port })}, or allow it with insecure-no-token`
      );
    },
  },
  {
    keys: ['client-ssl-cert', 'client-ssl-key'],
    check({ 'client-ssl-cert': cert, 'client-ssl-key': key }) {
      if ((cert === undefined) === (key === undefined)) return undefined;
      const [there, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
      return `client-ssl-${there} needs client-ssl-${missing} (or ${envName(`client-ssl-${missing}` as Key)}) beside it`;
    },
  },
  {
    keys: ['min-reload-interval', 'apply-timeout'],
    check: ({ 'min-reload-interval': interval, 'apply-timeout': timeout }) =>
      interval < timeout
        ? undefined
        : `min-reload-interval (${formatDuration(interval)}) must be shorter than apply-timeout ` +
          `(${formatDuration(timeout)}): a change that has to wait for a reload would always be late`,
  },
];

/** The mistakes that no value shows alone. */
export function crossCheck(facts: Facts): Problem[] {
  return rules.flatMap(({ keys, check }) => {
    if (keys.some((key) => facts.broken.has(key))) return [];
    const message = check(facts.values, facts);
    if (message === undefined) return [];
    const place = keys.map(facts.placeOf).find((known) => known !== undefined);
    return [{ place: place ?? 'defaults', message }];
  });
}

/** Settings that are given and will have no effect. */
export function idleSettings({ values }: Facts): string[] {
  if (!values.managed) return [];
  return (['nginx-pid-file', 'reload-command'] as const)
    .filter((key) => values[key] !== undefined)
    .map((key) => `${key} has no effect: it is for a sidecar (managed: false)`);
}
