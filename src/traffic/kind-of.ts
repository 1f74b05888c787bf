import { maskTarget } from '../routes/mask.ts';
import type { Route } from '../routes/route.ts';

/** What a route belongs to, by its data as JupyterHub sets it. */
export const KINDS = ['user', 'hub', 'service', 'extra', 'foreign'] as const;
export type Kind = (typeof KINDS)[number];

/** What a route's data says of it. */
export interface RouteFacts {
  readonly kind: Kind;
  readonly user: string | null;
  /** Which of the user's servers; empty for the default one. */
  readonly server: string | null;
  readonly service: string | null;
  /** The target as it may be shown. */
  readonly shown: string;
}

/** JupyterHub's is some hundred characters. What is much longer is not, and would take long to read. */
const LONGEST = 65_536;
const NOBODY = { user: null, server: null, service: null };

const known = new WeakMap<Route, RouteFacts>();

/** Read once for each Route, which never changes. */
export function factsOf(route: Route): RouteFacts {
  let facts = known.get(route);
  if (!facts) {
    facts = { ...belongsTo(route.data), shown: maskTarget(route.target) };
    known.set(route, facts);
  }
  return facts;
}

/** See add_user, add_service, add_hub_route and check_routes in jupyterhub/proxy.py. */
function belongsTo(text: string): Omit<RouteFacts, 'shown'> {
  const { user, server_name: server, service, hub, extra } = text.length > LONGEST ? {} : parse(text);
  if (isName(user)) return { kind: 'user', user, server: typeof server === 'string' ? server : '', service: null };
  if (isName(service)) return { ...NOBODY, kind: 'service', service };
  if (hub === true) return { ...NOBODY, kind: 'hub' };
  return { ...NOBODY, kind: extra === true ? 'extra' : 'foreign' };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Own properties alone, as those of JSON are; whatever was stored must not make a list fail. */
function parse(text: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(text) as object | null) };
  } catch {
    return {};
  }
}
