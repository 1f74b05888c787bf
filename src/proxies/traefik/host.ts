import type { ProxyHost } from '../../process/proxy-host.ts';
import type { Version } from '../version.ts';

export interface TraefikHost extends ProxyHost {
  readonly version: Version | undefined;
  /** Why Traefik serves our file without our routes; undefined when it has them, or when `takeRefusals` tells. */
  leftOut(): Promise<string | undefined>;
  /** Possible reasons why Traefik does not take up our file. */
  silence(): string;
}
