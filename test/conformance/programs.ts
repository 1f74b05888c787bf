import { existsSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { BIN } from '../support/bin.ts';
import { anyNginx } from '../support/nginx.ts';
import { testTraefik } from '../support/traefik.ts';

export interface Addresses {
  readonly port: number;
  readonly apiPort: number;
}

/** One of the two programs and how it is called. */
export interface Program {
  readonly name: 'chp' | 'signalbox';
  /** What stands before the flags. */
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  /** The command line for proxies in `folder`. */
  args(flags: readonly string[], addresses: Addresses, folder: string): string[];
}

export const TOKEN = 'conformance-s3cret';

const root = resolve(import.meta.dirname, '../..');
const chpFile = join(root, 'node_modules/configurable-http-proxy/bin/configurable-http-proxy');

/** Why the suite can't run here; undefined when it can. */
export function missing(): string | undefined {
  if (!existsSync(chpFile)) return 'configurable-http-proxy is not installed';
  return anyNginx ? undefined : 'no nginx';
}

export const chp: Program = {
  name: 'chp',
  command: [process.execPath, chpFile],
  env: { CONFIGPROXY_AUTH_TOKEN: TOKEN },
  args: listening,
};

/** With the nginx of the tests that is found first. */
export const signalbox: Program = {
  name: 'signalbox',
  command: [process.execPath, BIN, 'chp'],
  env: { CONFIGPROXY_AUTH_TOKEN: TOKEN, PATH: [dirname(anyNginx?.path ?? '.'), process.env.PATH].join(delimiter) },
  args: (flags, addresses, folder) => [...listening(flags, addresses), '--state-dir', folder],
};

/** Run alone, with the arguments of a case, it is the same program: only `args` choose Traefik. */
export const signalboxOnTraefik: Program = {
  ...signalbox,
  args: (...given) => [...signalbox.args(...given), '--driver', 'traefik', '--traefik', testTraefik?.path ?? 'traefik'],
};

/** Public address and API on loopback, unless the flags say otherwise. */
function listening(flags: readonly string[], { port, apiPort }: Addresses): string[] {
  const open = flags.includes('--socket') ? [] : ['--ip', '127.0.0.1', '--port', String(port)];
  const api = flags.includes('--api-socket') ? [] : ['--api-ip', '127.0.0.1', '--api-port', String(apiPort)];
  return [...open, ...api, ...flags];
}
