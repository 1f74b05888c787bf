import type { ProxyHost } from '../../process/proxy-host.ts';
import type { Version } from '../version.ts';

export interface TraefikHost extends ProxyHost {
  readonly version: Version | undefined;
  /** Why Traefik left our routes out of the file that it serves; undefined where it did not, or where `takeRefusals` tells. */
  leftOut(): Promise<string | undefined>;
  /** Why it may be that Traefik does not take our file up. */
  silence(): string;
}
