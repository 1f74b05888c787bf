import type { ErrorLog } from '../../process/error-log.ts';
import type { Templates } from '../../render/templates.ts';
import type { Certificates } from '../../rollout/certificates.ts';
import type { Log } from '../../system/log.ts';
import type { AccessLog } from '../driver.ts';
import type { TraefikHost } from './host.ts';
import type { MarkerClient } from './marker-client.ts';
import type { FilePlaces, Rehearse } from './placement.ts';
import type { PemFiles } from './tls.ts';

/** In what a managed Traefik and a sidecar differ. */
export interface TraefikParts {
  readonly host: TraefikHost;
  readonly marker: MarkerClient;
  /** The marker's path is made of it. */
  readonly token: string;
  readonly places: FilePlaces;
  /** The static configuration, for what it is ours to render. */
  readonly renderStatic: () => string;
  readonly pemFiles: PemFiles;
  /** The file with TLS of the public side; undefined where that is not ours. */
  readonly renderTls: (templates: Templates, certificates: string) => string | undefined;
  /** Puts certificates where Traefik reads them. */
  readonly placePem: (certificates: Certificates) => void;
  /** Tries files out beforehand, where that can be done; see rehearsal.ts. */
  readonly rehearse: Rehearse | undefined;
  readonly errorLog: ErrorLog | undefined;
  readonly accessLog: Pick<AccessLog, 'path' | 'make' | 'reopen'> | undefined;
  /** What Traefik may need for a change beyond its work, ms. */
  readonly patienceMs: number;
}

/** What both are made of. */
export interface TraefikPartsInput {
  /** Something changed outside; see DriverEvents. */
  readonly onDrift: (reason: string) => void;
  readonly log: Log;
}
