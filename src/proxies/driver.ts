import type { TemplateProblem } from '../rollout/template-trial.ts';
import type { Plan } from '../routes/plan.ts';
import type { Refusal } from '../routes/refusal.ts';
import type { Route } from '../routes/route.ts';

/**
 * What makes one kind of proxy serve the table. A driver knows nothing of the API or the store. One call of `start`,
 * `apply` or `stop` runs at a time, except that `stop` may come in the middle of an `apply`, which then throws.
 */
export interface Driver {
  /** `nginx`, `traefik`: as in `--driver`. */
  readonly name: string;

  /**
   * Why this proxy can never serve such a route, or undefined when it can. Asked before a route is accepted: what this
   * lets pass must not make `apply` fail for the other routes.
   */
  refuses(route: Route): Refusal | undefined;

  /** Starts the proxy or takes over the one an earlier daemon left (managed), or finds it (sidecar). */
  start(): Promise<void>;

  /**
   * Makes the proxy serve the plan. Resolves only when the proxy itself has shown that it serves it. A throw leaves the
   * proxy with the last table it confirmed, or on the way to the new one, never with a broken configuration; the same
   * changes come again in a later plan. After a refused plan the next one has every key of it again.
   */
  apply(plan: Plan): Promise<void>;

  /**
   * Asks the proxy, by the processes that answer users, whether it still serves `generation`, which `apply` has confirmed. Changes
   * nothing, and may be called while `apply` runs. Rejects with `PROXY_NOT_CONFIRMED` when it serves something else, and with
   * another error when it does not answer.
   */
  look(generation: number): Promise<void>;

  /** Milliseconds that the driver would like to pass before the next plan, so that more changes go into it; 0: now. */
  pause(): number;

  /**
   * Files in the user's template folder have changed. The driver tries them with a pass of its own asking (`onDrift`). Those that
   * can't be rendered, or that the proxy refuses, show in `status().templates` and must not keep `apply` from serving routes
   * with the last good ones: rollout/template-trial.ts does that.
   */
  templatesChanged(): void;

  /** A request to this route has ended. */
  used?(key: string): void;

  /** Cheap; called at most a few times a second. */
  status(): DriverStatus;

  /** The routes behind each address that the proxy connects to; unix sockets are left out. Not to be changed. */
  backends(): ReadonlyMap<string, Backend> | Promise<ReadonlyMap<string, Backend>>;

  /**
   * The proxy's connections to backends all look alike: nothing tells one that carries a websocket from one that many requests
   * share. Then data on it counts as a user's activity only where no line of the log explains it.
   */
  readonly mixesConnections?: boolean;

  /** The access log that the proxy writes for us, undefined when it writes none. */
  readonly accessLog: AccessLog | undefined;

  /** Stops a managed proxy: running requests may end within `drainMs`, what is left then is cut. Leaves a sidecar alone. */
  stop(drainMs: number): Promise<void>;
}

/** What is behind one address. */
export interface Backend {
  /** Keys of routes. */
  readonly keys: readonly string[];
  /** Does the proxy speak TLS with it? */
  readonly tls: boolean;
}

export interface AccessLog {
  readonly path: string;
  /**
   * Undefined for a log in our own format (activity/formats/signalbox.ts). In Traefik's JSON
   * (activity/formats/traefik-router.ts): the key of the route that a router
   * of that name serves or lately served.
   */
  readonly keyOf?: (router: string) => string | undefined;
  /** Creates the file, writable for the proxy and readable for us. Undefined: the file is its operator's, who also rotates it. */
  readonly make: (() => void) | undefined;
  /**
   * Has the proxy open the file anew after it was moved away; false when the proxy can't be reached just now. Undefined where
   * we can't tell it: then the file is emptied in place.
   */
  readonly reopen: (() => boolean) | undefined;
}

export interface Draining {
  readonly workers: number;
  /** Reloads that left them. */
  readonly generations: number;
  /** Memory that they have for themselves; undefined where it can't be seen. */
  readonly bytes: number | undefined;
}

export interface DriverStatus {
  /** Is the proxy there and answering, as far as the driver knows? */
  readonly up: boolean;
  /** Version of the proxy, `1.22.1`; undefined while unknown. */
  readonly version: string | undefined;
  /** Reloads of the proxy since this daemon started; for Traefik, new configurations. */
  readonly reloads: number;
  /** Workers of earlier configurations that still finish their connections; undefined where that can't be seen. */
  readonly draining: Draining | undefined;
  /** Undefined for a proxy that keeps connections by itself. */
  readonly pins: { readonly targets: number; readonly share: number | undefined } | undefined;
  /** Times a managed proxy died and was started again. */
  readonly restarts: number;
  readonly templates: {
    /** Names of the user's files that are in use. */
    readonly own: readonly string[];
    /** Why the newest ones are not. */
    readonly problem: TemplateProblem | undefined;
  };
}

/** What a driver tells the daemon by itself. */
export interface DriverEvents {
  /** Something changed outside (the proxy came back, an address moved): a pass is needed; `full` when the table may be lost. */
  onDrift(reason: string, full: boolean): void;
}
