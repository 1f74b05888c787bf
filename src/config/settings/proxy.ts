import { oneOf, optional, withDefault } from '../setting.ts';
import { wait } from './limits.ts';

/** The proxy and how it gets the routes; what is for Traefik alone is in traefik.ts. */
export const proxy = {
  driver: oneOf(['nginx', 'traefik'], 'nginx', 'The proxy that serves the routes.'),
  managed: withDefault(
    'boolean',
    'true',
    'Start the proxy and watch it; with --no-managed someone else does (sidecar).',
  ),
  nginx: withDefault('path', 'nginx', 'The nginx to run: a path, or a name that is looked up in PATH.', {
    command: true,
  }),
  templates: optional(
    'path',
    'Folder of your own templates: a file in its nginx/ or traefik/ replaces ours of the same name.',
  ),
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
  'apply-timeout': withDefault('duration', '10s', 'How long a change may take until the proxy serves it.', wait(100)),
  pin: withDefault(
    'boolean',
    'true',
    'Have nginx know the routes and targets in use and keep connections to them; takes a reload now and then.',
  ),
  'pin-interval': withDefault(
    'duration',
    '10s',
    'How long routes must rest until nginx is told of those in use (a reload).',
    wait(100),
  ),
  'pin-max': withDefault('integer', '1000', 'Most targets to pin.', { minimum: 1, maximum: 10_000 }),
  'max-draining': withDefault(
    'integer',
    '4',
    'Reloads for --pin wait while workers of so many earlier ones still finish connections.',
    { minimum: 1, maximum: 100 },
  ),
  'resolve-interval': withDefault('duration', '10s', 'How often host names of targets are looked up again.', wait(100)),
  'drain-timeout': withDefault('duration', '10s', 'How long running requests may take when Signalbox stops.', wait(0)),
};
