import { External } from '../../process/external.ts';
import type { Version } from '../version.ts';
import { closedFiles } from './closed-files.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { OwnRouter } from './traefik-api.ts';

export interface SidecarOptions {
  readonly marker: MarkerClient;
  readonly version: Version | undefined;
  /** The folder that it watches. */
  readonly folder: string;
  /** The routers that it left out, from its API; empty where that can't be asked. */
  readonly disabled: () => Promise<OwnRouter[]>;
}

const MOST_SAID = 3;
const UNUSABLE =
  "a middleware of traefik-middlewares or the TLS options don't exist, or there is a mistake in traefik-rule or in a template; its log tells";
const UNREAD =
  'it watches another folder, or could not watch it, or a file in it is broken or may not be read, or the entry point or what its TLS needs is not there; its log tells';

/** A Traefik that someone else starts and stops. Only our marker shows what it serves. */
export class SidecarTraefik extends External implements TraefikHost {
  readonly version: Version | undefined;
  readonly #options: SidecarOptions;

  constructor(options: SidecarOptions) {
    const { marker, version } = options;
    super({
      answers: () => marker.answers,
      ask: () => marker.served(),
      silent: () => `Traefik does not answer at ${marker.url}`,
      hint: 'Start it, or name an entry point of it that Signalbox can reach with --traefik-url.',
    });
    this.#options = options;
    this.version = version;
  }

  async leftOut(): Promise<string | undefined> {
    const { marker, disabled } = this.#options;
    const lacksAll = await marker.lacksRoutes();
    const said = (await disabled()).slice(0, MOST_SAID).map(({ name, errors }) => `${name}: ${errors.join(', ')}`);
    if (!lacksAll && said.length === 0) return undefined;
    return `Traefik has our file, but not our routes: ${said.join('; ') || UNUSABLE}`;
  }

  silence(): string {
    const { othersStatus: status, url } = this.#options.marker;
    if (status !== undefined && status !== 404) return `at ${url} something else answers, with status ${status}`;
    const closed = closedFiles(this.#options.folder);
    return closed.length === 0 ? UNREAD : `${UNREAD}; not every user may read ${closed.slice(0, MOST_SAID).join(', ')}`;
  }
}
