import { canaryPath } from './marker.ts';
import { BACKSLASHED, DOTTED, ODD, SLASHED, secondSlash } from './odd-path.ts';
import { quoteRule } from './quote.ts';
import type { RouterNames } from './router-names.ts';
import { ruleFor } from './rule.ts';
import { buildTree, priority, type TreeNode } from './tree.ts';
import type { TraefikSettings } from './variables.ts';

/** A router as templates get it; those without parents are on the entry points. */
export interface Router {
  readonly name: string;
  readonly rule: string;
  /** Null: Traefik's own, the length of the rule. */
  readonly priority: number | null;
  readonly parents: readonly string[];
  readonly middlewares: readonly string[];
  /** Null for a router that only leads to others. */
  readonly service: string | null;
  /** In the access log? Traefik heeds it on routers without parents only. */
  readonly logged: boolean;
}

/** What a route needs of its router besides its place. */
export interface RouteEnd {
  /** The key with a slash behind it, `/` for the root route. */
  readonly text: string;
  readonly name: string;
  readonly rule: string;
  readonly middlewares: readonly string[];
  readonly service: string;
}

/** In front of all routes. */
const FIRST = 1_000_000;
/** The marker's is 2,000,000. */
const BEFORE_MARKER = 2_000_001;

/** Lays the routes out as a tree (see tree.ts) or side by side. Pure; sorted, so that the same routes give the same bytes. */
export function layOut(ends: ReadonlyMap<string, RouteEnd>, settings: TraefikSettings, names: RouterNames): Router[] {
  const routers = settings.tree ? layOutTree(ends, settings, names) : layOutFlat(ends, settings, names);
  // Asked for on the marker's entry point: where that is a private one, Traefik's log tells what it left out.
  return settings.entry_points.includes(settings.marker.entry_point) ? [canary(settings, names), ...routers] : routers;
}

/** See marker.ts. It refuses requests before a middleware of the operator gets to see them. */
function canary(settings: TraefikSettings, names: RouterNames): Router {
  // The matcher is one that Traefik's older syntax of rules does not know.
  const path = `Path(${quoteRule(canaryPath(settings.marker.token))}) && ${regexpRule(['^/'])}`;
  return {
    ...answer(names.of('canary'), path, BEFORE_MARKER, names.of('error-400')),
    rule: settings.rule === null ? path : `${path} || (${path} && (${settings.rule}))`,
    middlewares: [names.of('error-400'), ...rootMiddlewares(settings, names)],
    logged: false,
  };
}

function layOutTree(ends: ReadonlyMap<string, RouteEnd>, settings: TraefikSettings, names: RouterNames): Router[] {
  const tree = buildTree(ends.keys());
  const none = settings.error_target === null || tree.open.length === 0 ? undefined : notFound(names);
  if (ends.size === 0 && !none) return [];
  const second = secondSlash(ends.keys(), settings.host_routing);
  const root = {
    name: names.of('root'),
    rule: settings.rule ?? 'PathPrefix(`/`)',
    // It matches everything, so it gets the lowest priority: all other routers on the entry points come first.
    priority: settings.rule === null ? 1 : null,
    parents: [],
    middlewares: rootMiddlewares(settings, names),
    service: null,
    logged: true,
  };
  const roots = settings.keep_forwarded ? [root, forwarded(root, settings, names)] : [root];
  const rootNames = roots.map(({ name }) => name);
  const odd = {
    ...root,
    name: names.of('odd'),
    rule: [
      ...SLASHED.map((start) => `PathPrefix(${quoteRule(start)})`),
      regexpRule(second === undefined ? ODD : [second, ...ODD]),
    ].join(' || '),
    priority: FIRST,
    parents: rootNames,
    middlewares: [],
  };
  const tidied = {
    ...odd,
    name: names.of('tidied'),
    rule: 'PathPrefix(`/`)',
    priority: 1,
    parents: [odd.name],
    middlewares: ['tidy', ...(second === undefined ? [] : ['second-slash']), 'forget'].map((name) => names.of(name)),
  };
  const nodeNames = new Map<TreeNode, readonly string[]>();
  const routers: Router[] = [
    ...roots,
    odd,
    { ...refusal(names.of('backslashed'), BACKSLASHED, names), parents: [odd.name] },
    tidied,
    { ...refusal(names.of('bad-path'), DOTTED, names), parents: [tidied.name] },
  ];
  for (const node of tree.nodes) {
    if (!node.parent) {
      // An odd path has been put right and takes the same routers.
      nodeNames.set(node, [...rootNames, tidied.name]);
      continue;
    }
    const name = names.node(node);
    nodeNames.set(node, [name]);
    routers.push({
      ...root,
      name,
      rule: ruleFor(node.text, settings, node.next) as string,
      priority: priority(node.text, node.next),
      parents: nodeNames.get(node.parent) as readonly string[],
      middlewares: [],
    });
  }
  const parents = (nodes: readonly TreeNode[]) => nodes.flatMap((node) => nodeNames.get(node) as readonly string[]);
  if (none) routers.push({ ...none, parents: parents(tree.open) });
  for (const [text, nodes] of tree.parents) {
    routers.push({ ...(ends.get(text) as RouteEnd), priority: priority(text), parents: parents(nodes), logged: true });
  }
  return routers;
}

function layOutFlat(ends: ReadonlyMap<string, RouteEnd>, settings: TraefikSettings, names: RouterNames): Router[] {
  const wrap = (router: Router): Router => ({
    ...router,
    rule: settings.rule === null ? router.rule : `(${settings.rule}) && (${router.rule})`,
    middlewares: [...rootMiddlewares(settings, names), ...router.middlewares],
  });
  const routers = [wrap(refusal(names.of('bad-path'), [...DOTTED, ...BACKSLASHED], names))];
  if (settings.error_target !== null && !ends.has('/')) routers.push(wrap(notFound(names)));
  for (const [text, end] of [...ends].sort(([a], [b]) => (a < b ? -1 : 1))) {
    routers.push(wrap({ ...end, priority: priority(text), parents: [], logged: true }));
  }
  return routers;
}

function rootMiddlewares(settings: TraefikSettings, names: RouterNames, forwarding = 'unforwarded'): string[] {
  const own = ['unavailable', 'headers', ...(settings.x_forward ? [] : [forwarding])];
  return [...settings.middlewares, ...own.map((name) => names.of(name))];
}

/**
 * With --no-x-forward: Traefik adds its own X-Forwarded-* before a router is chosen, except the header that shows that a proxy in
 * front has sent some. What such a proxy sent is passed on. A second root doubles all routers, so it is there only then.
 */
function forwarded(root: Router, settings: TraefikSettings, names: RouterNames): Router {
  return {
    ...root,
    name: names.of('forwarded'),
    rule: `(${root.rule}) && HeaderRegexp(${quoteRule('X-Forwarded-For')}, ${quoteRule('.')})`,
    priority: root.priority === null ? null : root.priority + 1,
    middlewares: rootMiddlewares(settings, names, 'forwarded'),
  };
}

/** Answers requests without a route with a page of the error target; without one Traefik's own 404 does. */
function notFound(names: RouterNames): Router {
  return answer(names.of('none'), 'PathPrefix(`/`)', 1, names.of('error-404'));
}

/** Answers 400 to what matches. */
function refusal(name: string, expressions: readonly string[], names: RouterNames): Router {
  return answer(name, regexpRule(expressions), FIRST, names.of('error-400'));
}

function answer(name: string, rule: string, order: number, middleware: string): Router {
  return {
    name,
    rule,
    priority: order,
    parents: [],
    middlewares: [middleware],
    service: 'noop@internal',
    logged: true,
  };
}

/** Any of them. */
function regexpRule(expressions: readonly string[]): string {
  return expressions.map((expression) => `PathRegexp(${quoteRule(expression)})`).join(' || ');
}
