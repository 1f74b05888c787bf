import type { ProxyHost } from '../../process/proxy-host.ts';
import type { Worker } from './workers.ts';

export interface NginxHost extends ProxyHost {
  /** False for a sidecar that someone else reloads. */
  readonly canReload: boolean;
  /** Has nginx read the configuration in place; returns before it has. */
  reload(): Promise<void>;
  /** Has nginx open its logs anew; false when it is down, and its next start does. Throws when it takes no signals from us. */
  reopenLogs(): boolean;
  /** Would a refusal become known, from `test` or from the log? */
  readonly hearsRefusals: boolean;
  /** Tests a configuration that isn't in place yet; a reason to refuse it, or undefined. */
  test(configFile: string): Promise<string | undefined>;
  /** The workers, as far as they can be seen. */
  workers(): Worker[] | undefined;
}
