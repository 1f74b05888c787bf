import { isDeepStrictEqual } from 'node:util';
import { SignalboxError } from '../../errors.ts';
import type { Templates } from '../../render/templates.ts';
import type { Refusal } from '../../routes/refusal.ts';
import type { Route } from '../../routes/route.ts';
import { Breather } from '../../system/breather.ts';
import { gatherBackends } from '../backends.ts';
import type { Backend } from '../driver.ts';
import { canaryPath, MARKER_HEADER, markerPath } from './marker.ts';
import { secondSlash, TIDY } from './odd-path.ts';
import { quoteRule } from './quote.ts';
import { type RenderedRoute, renderRoute, type Service } from './route-end.ts';
import { RouterNames } from './router-names.ts';
import { layOut, type RouteEnd, type Router } from './routers.ts';
import { refusesTarget } from './target.ts';
import type { TraefikSettings } from './variables.ts';

/** How many texts are rendered before other work gets its turn: some 30 ms on a slow machine. */
const MANY = 100;

/**
 * The dynamic configuration: the table as Traefik's file provider reads it. What this counts on in the static one: on the
 * entry points `http.sanitizePath: false`, `http.encodeQuerySemicolons: true`, all of `http.encodedCharacters` allowed and
 * `forwardedHeaders.insecure: true` (with --no-x-forward rather `forwardedHeaders.notAppendXForwardedFor: true`), and
 * `ping.manualRouting: true` for the health check.
 */
export class DynamicConfig {
  readonly #settings: TraefikSettings;
  readonly #names: RouterNames;
  readonly #routes = new Map<string, RenderedRoute>();
  /** Keys that are too long to be part of their router's name, by that name. */
  readonly #longKeys = new Map<string, string>();
  #templates: Templates;
  /** Texts of routers and services by their names, as long as nothing about them changes. */
  #texts: Texts = new Map();
  /** Texts that could not be rendered, by the names of their routers and services. */
  #failures: { name: string; error: unknown }[] = [];
  /** Routes that were set since the last rendering. */
  #changes = 0;
  #backends: ReadonlyMap<string, Backend> | undefined;

  constructor(templates: Templates, settings: TraefikSettings) {
    this.#templates = templates;
    this.#settings = settings;
    this.#names = new RouterNames(settings.name_prefix, settings.entry_points);
  }

  /** Routes that it holds. */
  get size(): number {
    return this.#routes.size;
  }

  /** Other templates from now on. */
  useTemplates(templates: Templates): void {
    if (templates === this.#templates) return;
    this.#templates = templates;
    this.#texts.clear();
    this.#changes = Number.POSITIVE_INFINITY;
  }

  /** The whole table anew. */
  replace(routes: Iterable<Route>): void {
    this.#routes.clear();
    this.#longKeys.clear();
    this.change(routes, []);
  }

  change(set: Iterable<Route>, remove: Iterable<string>): void {
    this.#backends = undefined;
    for (const key of remove) this.#remove(key);
    for (const route of set) {
      this.#changes++;
      const rendered = renderRoute(route, this.#settings, this.#names);
      if (rendered) this.#set(route.key, rendered);
      else this.#remove(route.key);
    }
  }

  /** Renders the texts of a large table beforehand, in slices: in one go this takes seconds, in which nothing else would run. */
  async prepare(): Promise<void> {
    if (this.#changes < MANY) return;
    const breather = new Breather();
    for (const router of layOut(this.#ends(), this.#settings, this.#names)) {
      this.#router(router, this.#texts);
      if (breather.isDue) await breather.rest();
    }
    for (const service of this.#services()) {
      this.#service(service, this.#texts);
      if (breather.isDue) await breather.rest();
    }
    this.#checkTexts();
  }

  /** The file but for its digest. Pure: the same routes give the same bytes. */
  frame(): (digest: string) => string {
    this.#changes = 0;
    const settings = this.#settings;
    const routes = [...this.#routes.values()];
    const ends = this.#ends();
    const cuts = new Set(routes.map(({ cut }) => cut).filter((cut) => cut > 0));
    const earlier = this.#texts;
    this.#texts = new Map();
    const routers = layOut(ends, settings, this.#names).map((router) => this.#router(router, earlier));
    const services = this.#services().map((service) => this.#service(service, earlier));
    this.#checkTexts();
    const variables = {
      ...settings,
      routers: routers.join(''),
      services: services.join(''),
      cuts: [...cuts].sort((a, b) => a - b),
      error: errorPages(settings.error_target),
      error_codes: [404, 500],
      tidy: TIDY,
      second_slash: settings.tree ? (secondSlash(ends.keys(), settings.host_routing) ?? null) : null,
      snippets: this.#snippets(),
      marker_rule: [markerPath, canaryPath].map((of) => `Path(${quoteRule(of(settings.marker.token))})`).join(' || '),
      marker_header: MARKER_HEADER,
    };
    return (digest) => this.#templates.render('dynamic.yml', { ...variables, digest });
  }

  /** Adds to the error the routes that Traefik complains of: `router signalbox-route:/user/ada@file: …`. */
  blame(error: unknown): unknown {
    if (!(error instanceof SignalboxError) || error.keys.length > 0) return error;
    error.keys = [...error.message.matchAll(/router (\S+@file)/g)].flatMap(([, name = '']) => this.keyOf(name) ?? []);
    return error;
  }

  /** The route's key that a router in the access log stands for, with or without `@file`. */
  keyOf(routerName: string): string | undefined {
    const name = this.#names.routeIn(routerName);
    return name === undefined ? undefined : (this.#names.keyIn(name) ?? this.#longKeys.get(name));
  }

  /** The routes behind each address; a host name stands as it is in the target, `hub:8081`. */
  backends(): ReadonlyMap<string, Backend> {
    this.#backends ??= gatherBackends(
      [...this.#routes].flatMap(([key, { target }]) => (target ? [[target.address, [key], target.tls] as const] : [])),
    );
    return this.#backends;
  }

  #set(key: string, rendered: RenderedRoute): void {
    this.#routes.set(key, rendered);
    const { name } = rendered.end;
    if (this.#names.keyIn(name) === undefined) this.#longKeys.set(name, key);
  }

  #remove(key: string): void {
    const name = this.#routes.get(key)?.end.name;
    this.#routes.delete(key);
    if (name !== undefined) this.#longKeys.delete(name);
  }

  #router(router: Router, earlier: Texts): string {
    return this.#text('router.yml', router, { router }, earlier);
  }

  #service(service: Service, earlier: Texts): string {
    return this.#text('service.yml', service, { service }, earlier);
  }

  #snippets(): Record<string, string> {
    const render = (name: string) => this.#templates.render(`snippets/${name}.yml`, this.#settings).trimEnd();
    return Object.fromEntries(SNIPPETS.map((name) => [name, render(name)]));
  }

  #ends(): Map<string, RouteEnd> {
    return new Map(Array.from(this.#routes.values(), ({ end }) => [end.text, end]));
  }

  /** Sorted, each target once. */
  #services(): Service[] {
    const services = new Map<string, Service>();
    for (const { service } of this.#routes.values()) if (service) services.set(service.name, service);
    return [...services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  #text(template: string, of: Router | Service, variables: object, earlier: Texts): string {
    const known = earlier.get(of.name);
    if (known && isDeepStrictEqual(known.of, of)) {
      this.#texts.set(of.name, known);
      return known.text;
    }
    try {
      const text = inOnePiece(this.#templates.render(template, { ...this.#settings, ...variables }));
      this.#texts.set(of.name, { of, text });
      return text;
    } catch (error) {
      this.#failures.push({ name: of.name, error });
      return '';
    }
  }

  /** Throws when texts could not be rendered. The error names the routes to leave out. */
  #checkTexts(): void {
    const [first] = this.#failures;
    if (!first) return;
    const names = new Set(this.#failures.map(({ name }) => name));
    this.#failures = [];
    const keys = [...this.#routes].filter(
      ([, { end, service }]) => names.has(end.name) || names.has(service?.name ?? ''),
    );
    if (first.error instanceof SignalboxError) first.error.keys = keys.map(([key]) => key);
    throw first.error;
  }
}

/** What a router or a service was rendered from, and its text. */
type Texts = Map<string, { readonly of: Router | Service; readonly text: string }>;

/** V8 keeps a text that was put together as a chain of its parts, which takes some twenty times the room. */
function inOnePiece(text: string): string {
  return Buffer.from(text).toString();
}

/** Where each of them goes: dynamic.yml. */
const SNIPPETS = ['routers', 'middlewares', 'services', 'dynamic'];

/** Why Traefik can never serve such a route. */
export function refuses(route: Route, settings: TraefikSettings): Refusal | undefined {
  if (settings.sanitize_path && route.key.includes('//')) {
    return {
      of: 'routespec',
      message: 'the routespec has an empty segment, and Traefik merges slashes',
      hint: 'Set sanitizePath: false on the entry point, and say so to Signalbox.',
    };
  }
  return refusesTarget(route.target);
}

/** Where the error target's pages are, in Traefik's terms. */
function errorPages(target: string | null): { url: string; query: string } | null {
  if (target === null) return null;
  const url = new URL(target);
  const path = url.pathname.replace(/\/+$/, '');
  return { url: url.origin, query: `${path}/{status}?url={url}` };
}
