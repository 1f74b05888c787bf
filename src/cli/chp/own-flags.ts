import type { Key } from '../../config/schema.ts';

/** Settings of `signalbox serve` that `signalbox chp` has too, under the same names. */
export const OWN_KEYS: readonly Key[] = [
  'read-token-file',
  'state-dir',
  'persist',
  'driver',
  'nginx',
  'traefik',
  'templates',
  'nginx-user',
  'traefik-user',
  'traefik-tree',
  'worker-processes',
  'http2',
  'apply-timeout',
  'pin',
  'pin-interval',
  'pin-max',
  'max-draining',
  'resolve-interval',
  'activity',
  'activity-probe-interval',
  'access-log-size',
  'drain-timeout',
  'log-format',
];

/** Where the defaults of `chp` are other than those of `serve`, and why. */
export const OWN_DEFAULTS: Partial<Record<Key, string>> = {
  // whoever launches CHP puts the routes back
  persist: 'false',
  // CHP is open without a token, wherever it listens
  'insecure-no-token': 'true',
  // the Hub waits 10 s for an answer: ours, with the reason, has to come first
  'apply-timeout': '8s',
  // the Hub waits a second before it kills
  'drain-timeout': '500ms',
  'keep-alive-timeout': '5s',
  // beside the lines of the Hub, as CHP's
  'log-format': 'pretty',
};
