import type { KINDS, TrafficRoute } from '../../../api/traffic/schemas.ts';
import { useMe } from '../services.ts';
import { Name } from './name.tsx';

type Kind = (typeof KINDS)[number];

export const KIND_NAMES: Readonly<Record<Kind, string>> = {
  user: 'Users’ servers',
  hub: 'The Hub',
  service: 'Services',
  extra: 'Extra routes',
  foreign: 'Not the Hub’s',
};

/** Who or what a route belongs to. */
export function Owner({ route }: { route: TrafficRoute }) {
  const me = useMe();
  const { key, kind, user, server, service } = route;
  if (kind === 'user' && user !== null) {
    return (
      <span class="owner">
        <Name text={user} />
        {server && (
          <span class="muted">
            {' '}
            / <Name text={server} />
          </span>
        )}
      </span>
    );
  }
  if (kind === 'service' && service !== null) {
    return (
      <span class="owner">
        <span class="muted">service </span>
        <Name text={service} />
        {key === me?.ownRoute && <span class="muted"> (this dashboard)</span>}
      </span>
    );
  }
  return (
    <span class="muted">
      {{ user: 'a user', hub: 'the Hub', service: 'a service', extra: 'extra route', foreign: 'not the Hub’s' }[kind]}
    </span>
  );
}
