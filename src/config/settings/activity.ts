import { withDefault } from '../setting.ts';
import { wait } from './limits.ts';

/** How Signalbox learns when a route was last used. */
export const activity = {
  activity: withDefault('boolean', 'true', 'Find out when routes were last used: last_activity, and statistics.'),
  'activity-probe-interval': withDefault(
    'duration',
    '10s',
    'How often open connections are looked at: websockets and uploads write no log line until they end.',
    wait(100),
  ),
  'access-log-size': withDefault(
    'size',
    '64MB',
    "Size at which the proxy's access log is begun anew; it takes up to twice as much.",
    {
      minimum: 100_000,
      maximum: 100_000_000_000,
    },
  ),
  'activity-log': withDefault('paths', '', 'Access logs of other proxies to read as well.'),
  'activity-format': withDefault(
    'string',
    'combined',
    'Format of those logs: signalbox, combined, traefik (JSON), or the text of an nginx log_format.',
    {
      pattern: /^(signalbox|combined|traefik)$|\$/,
      want: 'signalbox, combined, traefik, or a log_format with $variables',
    },
  ),
};
