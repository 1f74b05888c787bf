import type { Templates } from '../../render/templates.ts';
import type { Route } from '../../routes/route.ts';
import type { Backend, Refusal } from '../driver.ts';
import type { TraefikSettings } from './render-settings.ts';

/** The dynamic configuration: the table as Traefik's file provider reads it. */
export class DynamicConfig {
  readonly #templates: Templates;
  readonly #settings: TraefikSettings;

  constructor(templates: Templates, settings: TraefikSettings) {
    this.#templates = templates;
    this.#settings = settings;
  }

  /** The whole table anew. */
  replace(_routes: Iterable<Route>): void {}

  change(_set: Iterable<Route>, _remove: Iterable<string>): void {}

  /** The file. Pure: the same routes give the same bytes. */
  render(generation: number): string {
    return this.#templates.render('dynamic.yml', { ...this.#settings, generation });
  }

  /** The route's key that a router in the access log stands for, with or without `@file`. */
  keyOf(_routerName: string): string | undefined {
    return undefined;
  }

  /** The routes behind each address; a host name stands as it is in the target, `hub:8081`. */
  backends(): ReadonlyMap<string, Backend> {
    return new Map();
  }
}

/** Why Traefik can never serve such a route. */
export function refuses(_route: Route, _settings: TraefikSettings): Refusal | undefined {
  return undefined;
}
