import { depthOf } from '../../routes/key.ts';
import type { Route } from '../../routes/route.ts';
import type { RouterNames } from './router-names.ts';
import type { RouteEnd } from './routers.ts';
import { ruleFor } from './rule.ts';
import { parseTarget, type Target } from './target.ts';
import type { TraefikSettings } from './variables.ts';

/** The service of a target, as the templates are told of it. */
export interface Service {
  readonly name: string;
  readonly url: string;
  /** Does the path of the URL go in front of the request's? */
  readonly keep_path: boolean;
  /** HTTP/2 without TLS, which needs a transport of its own. */
  readonly h2c: boolean;
}

/** A route as it is in the file; undefined when no request can match it (its host is not a valid one). */
export interface RenderedRoute {
  readonly end: RouteEnd;
  /** Undefined for a target that leads nowhere. */
  readonly service: Service | undefined;
  readonly target: Target | undefined;
  /** Segments of its own that --no-include-prefix cuts off the path; 0: none. */
  readonly cut: number;
}

export function renderRoute(route: Route, settings: TraefikSettings, names: RouterNames): RenderedRoute | undefined {
  const text = route.key === '/' ? '/' : `${route.key}/`;
  const rule = ruleFor(text, settings);
  if (rule === undefined) return undefined;
  const target = parseTarget(route.target);
  const base = { text, name: names.route(route.key), rule };
  if (target === undefined || target === 'nowhere') {
    const end = target
      ? { ...base, middlewares: [], service: names.of('nobody') }
      : { ...base, middlewares: [names.of('error-500')], service: 'noop@internal' };
    return { end, service: undefined, target: undefined, cut: 0 };
  }
  const cut = settings.include_prefix ? 0 : depthOf(route.key) - (settings.host_routing ? 1 : 0);
  const service = {
    name: names.service(target.url),
    url: target.url,
    keep_path: settings.prepend_path && target.hasPath,
    h2c: target.url.startsWith('h2c:'),
  };
  const middlewares = cut > 0 ? [names.of(`cut-${cut}`), names.of('forget')] : [];
  return { end: { ...base, middlewares, service: service.name }, service, target, cut: Math.max(cut, 0) };
}
