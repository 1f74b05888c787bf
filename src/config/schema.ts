import { type Static, Type } from 'typebox';
import { oneOf, optional, type Setting, withComputedDefault, withDefault } from './setting.ts';

/** Longer than any sensible wait, and far below the 24.8 days at which Node's timers overflow. */
const DAY = 24 * 3_600_000;
const wait = (minimum: number) => ({ minimum, maximum: DAY });

/**
 * The configuration: the keys of the YAML file, which are also the flags (`--state-dir`) and the environment variables
 * (`SIGNALBOX_STATE_DIR`). Parsing, `signalbox serve --help` and docs/configuration.md are all made from this.
 */
export const configSchema = Type.Object({
  public: withDefault('address', '127.0.0.1:8000', 'Where nginx listens for the users of the Hub.'),
  api: withDefault('address', '127.0.0.1:8001', 'Where Signalbox listens for the Hub (ConfigurableHTTPProxy.api_url).'),
  'token-file': optional('path', 'File with the token the Hub must show; read when no variable holds the token.', {
    neverEcho: true,
  }),
  'insecure-no-token': withDefault('boolean', 'false', 'Let the API listen for other machines without a token.', {
    neverEcho: true,
  }),
  'state-dir': withComputedDefault(
    'path',
    '/var/lib/signalbox for root, else $XDG_STATE_HOME/signalbox or ~/.local/state/signalbox',
    "Folder of the route table, nginx's configuration and its logs.",
    { inNginxConfig: true },
  ),
  driver: oneOf(['nginx'], 'nginx', 'The proxy that serves the routes.'),
  table: oneOf(
    ['live', 'map'],
    'live',
    'How nginx gets the routes: live (one rename a change, no reload) or map (one reload a batch).',
  ),
  managed: withDefault('boolean', 'true', 'Start nginx and watch it; with --no-managed someone else does (sidecar).'),
  nginx: withDefault('path', 'nginx', 'The nginx to run: a path, or a name that is looked up in PATH.', {
    command: true,
  }),
  'nginx-user': withDefault('string', 'nobody', "User of nginx's workers when Signalbox runs as root.", {
    pattern: /^[a-z_][a-z0-9_.-]*$/i,
    want: 'the name of a user such as www-data',
  }),
  'worker-processes': withDefault('string', 'auto', 'Number of nginx workers; auto is one a CPU.', {
    pattern: /^(auto|[1-9]\d{0,3})$/,
    want: 'auto or a number from 1 to 9999',
  }),
  'nginx-pid-file': optional('path', 'Sidecar: pid file of the nginx to reload.'),
  'reload-command': optional('string', 'Sidecar: shell command that reloads nginx.'),
  'default-target': optional('url', 'Where requests go that match no route.'),
  'error-target': optional('url', 'Where error pages come from: asked for /404, /503 and so on.'),
  'host-routing': withDefault('boolean', 'false', 'Route by host name, then by path.'),
  'client-ssl-ca': optional('path', "Authorities to verify https backends with; without it Node's own list.", {
    inNginxConfig: true,
  }),
  'client-ssl-cert': optional('path', 'Certificate to show to https backends.', { inNginxConfig: true }),
  'client-ssl-key': optional('path', 'Private key of that certificate.', { inNginxConfig: true }),
  insecure: withDefault('boolean', 'false', 'Do not verify https backends.'),
  'apply-timeout': withDefault('duration', '10s', 'How long a change may take until nginx serves it.', wait(100)),
  'min-reload-interval': withDefault('duration', '1s', 'Least time between two reloads of nginx.', wait(0)),
  pin: withDefault('boolean', 'true', 'Keep connections to busy targets open (upstream blocks with keepalive).'),
  'pin-interval': withDefault('duration', '10s', 'How long routes must rest until pins are renewed.', wait(100)),
  'pin-max': withDefault('integer', '1000', 'Most targets to pin.', { minimum: 1, maximum: 10_000 }),
  'resolve-interval': withDefault('duration', '10s', 'How often host names of targets are looked up again.', wait(100)),
  'drain-timeout': withDefault('duration', '10s', 'How long running requests may take when Signalbox stops.', wait(0)),
  'log-level': oneOf(['debug', 'info', 'warn', 'error'], 'info', 'Least severity that is logged.'),
  'log-format': oneOf(['pretty', 'json', 'auto'], 'auto', 'auto is pretty on a terminal, else json.'),
});

/** A key of the file, in kebab-case. */
export type Key = keyof typeof configSchema.properties;

/** All keys, in the order of the documentation. */
export const KEYS = Object.keys(configSchema.properties) as Key[];

/** The values by their key, before the names become camelCase. */
export type Values = Static<typeof configSchema>;

type CamelCase<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

/** The checked configuration. What can be absent is `undefined`; durations are in milliseconds, paths absolute. */
export type Config = Readonly<{ [K in Key as CamelCase<K>]: Values[K] }> & {
  /** What the Hub must show; never to be printed. */
  readonly token: string | undefined;
};

/** The setting of a key. */
export function settingOf(key: Key): Setting {
  return configSchema.properties[key];
}

/** `state-dir` → `SIGNALBOX_STATE_DIR` */
export function envName(key: Key): string {
  return `SIGNALBOX_${key.replaceAll('-', '_').toUpperCase()}`;
}

/** `state-dir` → `stateDir`, the name in Config. */
export function camelCase(key: string): string {
  return key.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Is the text a key of the file? */
export function isKey(text: string): text is Key {
  return Object.hasOwn(configSchema.properties, text);
}
