import type { ErrorLog } from '../../process/error-log.ts';
import type { Templates } from '../../render/templates.ts';
import type { Certificates } from '../../rollout/certificates.ts';
import type { Log } from '../../system/log.ts';
import type { AccessLog } from '../driver.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { FilePlaces, Rehearse } from './placement.ts';
import type { PemFiles } from './tls.ts';

/** What differs between a managed Traefik and a sidecar. */
export interface TraefikParts {
  readonly host: TraefikHost;
  readonly marker: MarkerClient;
  /** Part of the marker's path. */
  readonly token: string;
  readonly places: FilePlaces;
  /** Renders the static configuration; empty in a sidecar. */
  readonly renderStatic: () => string;
  readonly pemFiles: PemFiles;
  /** Renders the file with TLS of the public side; undefined in a sidecar. */
  readonly renderTls: (templates: Templates, certificates: string) => string | undefined;
  /** Puts certificates where Traefik reads them. */
  readonly placePem: (certificates: Certificates) => void;
  /** Tries files out beforehand; undefined in a sidecar. See rehearsal.ts. */
  readonly rehearse: Rehearse | undefined;
  readonly errorLog: ErrorLog | undefined;
  readonly accessLog: Pick<AccessLog, 'path' | 'make' | 'reopen'> | undefined;
  /** How long Traefik may take to begin with a change, ms. */
  readonly patienceMs: number;
}

/** What both are made with. */
export interface TraefikPartsInput {
  /** Something changed outside; see DriverEvents. */
  readonly onDrift: (reason: string) => void;
  readonly log: Log;
}
