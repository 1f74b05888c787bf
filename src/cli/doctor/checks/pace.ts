import { type Finding, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Traefik's default, a providersThrottleDuration of 2 s, makes changes wait for half of that or more. */
const THROTTLED_SECONDS = 0.8;
const SLOW_SECONDS = 3;

/** How long does the proxy take to serve a change? */
export function pace({ api, config: { driver, managed } }: Scene): Finding {
  if ('failure' in api) return skipped('the API does not answer');
  const [sum, count] = ['sum', 'count'].map((part) =>
    Number(new RegExp(`^signalbox_apply_seconds_${part} (\\S+)$`, 'm').exec(api.metrics)?.[1]),
  ) as [number, number];
  if (!(count > 0)) return skipped('nothing has changed since Signalbox started');
  const mean = sum / count;
  const state = `a change is served within ${mean < 0.1 ? '0.1' : mean.toFixed(1)} s on average`;
  if (driver === 'traefik' && !managed && mean > THROTTLED_SECONDS) {
    return warn(
      state,
      'Set providers.providersThrottleDuration in the static configuration of Traefik to 0s or 100ms: it is 2s unless set. Very many routes take longer, too.',
    );
  }
  if (mean <= SLOW_SECONDS) return ok(state);
  return warn(state, 'The machine is busy, or its disk is slow.');
}
