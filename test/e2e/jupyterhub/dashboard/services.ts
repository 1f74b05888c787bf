import { BIN } from '../../../support/bin.ts';
import type { PythonValue } from '../hub-config.ts';
import type { HubProxy } from '../proxies.ts';

/** What the Hub's own documentation of a service calls it: `c.JupyterHub.services`. */
export type ServiceSpec = Readonly<Record<string, PythonValue>>;

/** What the dashboard may ask the Hub for in the name of its viewers. */
const ALLOWED_SCOPES = ['proxy', 'list:users', 'read:users:activity', 'read:servers', 'delete:servers'];

/** The dashboard as a service that the Hub starts, as docs/jupyterhub.md has it. */
export function managedDashboard(proxy: HubProxy, port: number, more: ServiceSpec = {}): ServiceSpec {
  return {
    name: 'signalbox',
    url: `http://127.0.0.1:${port}`,
    command: [process.execPath, BIN, 'dashboard'],
    environment: daemonOf(proxy),
    oauth_no_confirm: true,
    oauth_client_allowed_scopes: ALLOWED_SCOPES,
    ...more,
  };
}

/** Variables that say where the daemon is, and give it power over it. */
export function daemonOf({ api }: HubProxy): Readonly<Record<string, string>> {
  return { SIGNALBOX_API_URL: `http://127.0.0.1:${api.port}`, CONFIGPROXY_AUTH_TOKEN: api.token };
}
