import type { Facts } from './cross-checks.ts';
import type { Key } from './schema.ts';

/** A setting that needs another one, and words for the lack of it. */
type Dependent = readonly [key: Key, needs: Key, why: string];

const DEPENDENTS: readonly Dependent[] = [
  ['ssl-ca', 'ssl-request-cert', 'ssl-request-cert is off'],
  ['api-ssl-ca', 'api-ssl-request-cert', 'api-ssl-request-cert is off'],
  ['ssl-ciphers', 'ssl-cert', 'the public side has no TLS'],
  ['ssl-dhparam', 'ssl-cert', 'the public side has no TLS'],
  ['redirect-to', 'redirect', 'nothing redirects'],
];

const SIDECAR = [
  'nginx-pid-file',
  'reload-command',
  'traefik-dir',
  'traefik-url',
  'traefik-api',
  'traefik-rule',
  'traefik-tls-options',
  'traefik-cert-resolver',
  'traefik-middlewares',
  'traefik-access-log',
] as const;

const SHARED = ['database-listen', 'advertise'] as const;

/** Settings that are given and will have no effect. */
export function idleSettings({ values }: Facts): string[] {
  const idle = DEPENDENTS.filter(([key, needs]) => values[key] !== undefined && !values[needs]).map(
    ([key, , why]) => `${key} has no effect: ${why}`,
  );
  const isShared = values.database !== undefined || values['database-file'] !== undefined;
  if (!isShared) idle.push(...without(SHARED, 'the table is in SQLite, for this daemon alone'));
  if (values.managed) idle.push(...without(SIDECAR, 'it is for a sidecar (managed: false)'));
  return idle;

  function without(keys: readonly Key[], why: string): string[] {
    return keys.filter((key) => values[key] !== undefined).map((key) => `${key} has no effect: ${why}`);
  }
}
