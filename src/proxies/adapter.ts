import type { Configuration } from '../rollout/rollout.ts';
import type { Plan } from '../routes/plan.ts';
import type { Refusal } from '../routes/refusal.ts';
import type { Route } from '../routes/route.ts';
import type { Backend, DriverStatus } from './driver.ts';

/**
 * What one kind of proxy is: what it refuses, how it holds the routes, how it renders them. All else that a driver does is the
 * same for each (`ProxyDriver`). `T` is what a set of templates becomes, `C` a rendered configuration.
 */
export interface Adapter<T, C extends Configuration> {
  /** As in `--driver`. */
  readonly name: string;
  /** See Driver. */
  readonly mixesConnections?: boolean;
  readonly version: string | undefined;
  readonly draining?: DriverStatus['draining'];
  readonly pins?: DriverStatus['pins'];
  /** See Driver. */
  used?(key: string): void;
  refuses(route: Route): Refusal | undefined;
  /** Reads back what an earlier daemon left; nothing is started before. */
  open(): Promise<void>;
  /** Throws for templates that can't be rendered at all. */
  check(made: T): void;
  /** Puts the plan into the routes, which `render` renders, or which the proxy itself looks up. */
  take(plan: Plan): Promise<void>;
  /** Changes whenever a new configuration is needed for a reason other than templates and certificates. */
  readonly configured: string;
  /** `isTrial`: see Rollout.run. */
  render(made: T, isTrial: boolean): Promise<C>;
  /** Adds to the error of a refusal which template or which routes caused it, where that can be found out. */
  blame(error: unknown, made: T, configuration: C): unknown;
  /** Resolves when the proxy shows that it serves `generation`; rejects with PROXY_NOT_CONFIRMED when it shows something else. */
  confirm(generation: number): Promise<void>;
  /** Called when `confirm` failed: somebody may have changed our files. */
  doubt(): void;
  /** The same as `confirm`, with one look that changes nothing: what is wrong. Rejects when nobody answers. */
  look(generation: number): Promise<string | undefined>;
  /** See Driver. */
  pause(): number;
  backends(): ReadonlyMap<string, Backend> | Promise<ReadonlyMap<string, Backend>>;
  stop(): void;
}
