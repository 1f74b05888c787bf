import type { Plan } from '../../routes/plan.ts';
import type { Route } from '../../routes/route.ts';
import { Breather, inSlices } from '../../system/breather.ts';
import type { Log } from '../../system/log.ts';
import type { Addresses, Place } from '../addresses.ts';
import { type Descriptor, describe, NO_ROUTE, resolvedPlace, UNUSABLE } from './descriptor.ts';
import { HostNames } from './host-names.ts';
import type { Links } from './links.ts';
import { parseTarget, placeOf, type Target } from './target.ts';

export interface ResolverOptions {
  readonly addresses: Addresses;
  readonly links: Links;
  readonly errorTarget: Target | undefined;
  /** Why nginx can't connect to a unix socket; undefined when it can, or nobody knows. */
  readonly shutOut: (socket: string) => string | undefined;
  /** Routes have to be described again. */
  readonly onMove: (reason: string) => void;
  readonly log: Pick<Log, 'warn'>;
}

/** Makes descriptors of targets. Looks host names up, and has their routes described again when their addresses change. */
export class Resolver {
  readonly #options: ResolverOptions;
  readonly #names = new HostNames();
  #moved: readonly Place[] = [];
  /** Where the error target's link points; undefined: nobody knows. */
  #errorDescriptor: Descriptor | undefined;

  constructor(options: ResolverOptions) {
    this.#options = options;
  }

  /** The addresses that an earlier daemon resolved stay in use until DNS says otherwise, for example because it is down. */
  seed(entries: Iterable<readonly [string, Descriptor]>): void {
    for (const [, descriptor] of entries) {
      const known = resolvedPlace(descriptor);
      if (known) this.#options.addresses.seed(known, known.addresses);
    }
  }

  /** The routes of the plan, and those whose host name moved. */
  async describe(plan: Plan): Promise<Map<string, Descriptor>> {
    const moved = this.#moved;
    // Names that move from here on are for the next pass.
    this.#moved = [];
    try {
      const breather = new Breather();
      const targets = await this.#targets(plan, moved, breather);
      await this.#lookUp(targets.values(), breather);
      this.#pointErrorTarget();
      const descriptors = new Map<string, Descriptor>();
      const note = ([key, target]: [string, Target | undefined]) =>
        descriptors.set(key, descriptorOf(target, this.#options.addresses));
      await inSlices(targets, note, breather);
      return descriptors;
    } catch (error) {
      this.#moved = [...moved, ...this.#moved];
      throw error;
    }
  }

  /** Somebody may have changed the error target's link. */
  doubt(): void {
    this.#errorDescriptor = undefined;
  }

  moved(places: readonly Place[]): void {
    this.#moved = [...this.#moved, ...places];
    const [first, ...others] = new Set(places.map(({ name }) => name));
    const more = others.length > 0 ? ` and those of ${others.length} more names` : '';
    this.#options.onMove(`the address of ${first}${more} moved`);
  }

  forgetUnused(): void {
    const { addresses, errorTarget } = this.#options;
    const error = errorTarget && placeOf(errorTarget);
    addresses.retain((place) => this.#names.has(place) || (place.name === error?.name && place.port === error.port));
  }

  stop(): void {
    this.#options.addresses.stop();
  }

  async #targets(plan: Plan, moved: readonly Place[], breather: Breather): Promise<Map<string, Target | undefined>> {
    if (plan.full) this.#names.clear();
    for (const key of plan.remove) this.#names.delete(key);
    const targets = new Map<string, Target | undefined>();
    const parse = ({ key, target }: Route) => {
      const parsed = parseTarget(target);
      this.#warn(key, target, parsed);
      this.#names.set(key, parsed);
      targets.set(key, parsed);
    };
    await inSlices(plan.set, parse, breather);
    for (const [key, target] of this.#names.using(moved)) targets.set(key, target);
    return targets;
  }

  async #lookUp(targets: Iterable<Target | undefined>, breather: Breather): Promise<void> {
    const { addresses, errorTarget } = this.#options;
    const named: Target[] = errorTarget ? [errorTarget] : [];
    const choose = (target: Target | undefined) => {
      if (target && placeOf(target)) named.push(target);
    };
    await inSlices(targets, choose, breather);
    await lookUp(named, addresses);
  }

  #warn(key: string, text: string, target: Target | undefined): void {
    const { log, shutOut } = this.#options;
    if (!target) log.warn({ key }, `target ${JSON.stringify(text)} is no URL to proxy to: its requests get 500`);
    const reason = target?.socket === undefined ? undefined : shutOut(target.socket);
    if (reason === undefined) return;
    log.warn({ key, reason }, 'the unix socket of a target cannot be connected to: its requests get 503');
  }

  #pointErrorTarget(): void {
    const { addresses, errorTarget, links } = this.#options;
    const descriptor = errorTarget ? descriptorOf(errorTarget, addresses) : NO_ROUTE;
    if (descriptor === this.#errorDescriptor) return;
    links.point('e', descriptor);
    this.#errorDescriptor = descriptor;
  }
}

/** Looks up the host names of these targets that are not known yet. */
export async function lookUp(targets: readonly (Target | undefined)[], addresses: Addresses): Promise<void> {
  const places = targets.map((target) => target && placeOf(target)).filter((place) => place !== undefined);
  if (places.length > 0) await addresses.ensure(places);
}

/** The descriptor with the addresses that are known now. `target`: undefined when it is no URL to proxy to. */
export function descriptorOf(target: Target | undefined, addresses: Addresses): Descriptor {
  if (!target) return UNUSABLE;
  const place = placeOf(target);
  return describe(target, place && addresses.get(place));
}
