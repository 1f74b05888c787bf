import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { formatAddress, type HostPort, isEverywhere } from '../../system/address.ts';
import { openFilesLimit } from '../../system/open-files.ts';
import { headerAliases } from '../header-aliases.ts';
import { type PemPaths, pathsOf } from '../pem-copies.ts';
import { nginxPem } from './pem.ts';
import { parseTarget, type Target } from './target.ts';
import type { NginxSettings } from './variables.ts';

/** Where things lie in the state folder. */
export interface NginxPaths {
  readonly dir: string;
  /** Symlinks of the live table. */
  readonly runDir: string;
  readonly tempDir: string;
  readonly controlSocket: string;
  /** Written by us: the nginx that serves. */
  readonly pidFile: string;
  /** nginx's own. It removes it when it ends, which may be long after the next one was started, so it is not the one above. */
  readonly masterPidFile: string;
  readonly errorLog: string;
  readonly accessLog: string;
  /** Copies of certificates and keys. */
  readonly pemDir: string;
  /** Authorities that https backends are verified with when no others are named. */
  readonly caFile: string;
  /** One of them. */
  readonly oneCaFile: string;
  /** Passphrase of the public key, for nginx to read. */
  readonly passwordFile: string;
  /** Rows of the configuration in place, for a later daemon. */
  readonly rows: string;
}

export function nginxPaths(stateDir: string): NginxPaths {
  const dir = join(stateDir, 'nginx');
  return {
    dir,
    runDir: join(dir, 'run'),
    tempDir: join(dir, 'tmp'),
    controlSocket: join(dir, 'control', 'nginx.sock'),
    pidFile: join(dir, 'nginx.pid'),
    masterPidFile: join(dir, 'master.pid'),
    errorLog: join(dir, 'error.log'),
    accessLog: join(dir, 'access.log'),
    pemDir: join(dir, 'pem'),
    caFile: join(dir, 'authorities.pem'),
    oneCaFile: join(dir, 'authority.pem'),
    passwordFile: join(dir, 'passphrase'),
    rows: join(dir, 'current', 'rows.json'),
  };
}

/**
 * What the templates are told of the configuration; `certificates`, which change while we run, comes later. `public`: with the
 * port that was chosen. `user`: user and group of nginx's workers, null when Signalbox isn't root.
 */
export function nginxSettings(
  config: Config,
  publicAddress: HostPort,
  user: string | null,
  paths: NginxPaths,
): Omit<NginxSettings, 'certificates'> {
  const errorTarget = config.errorTarget === undefined ? undefined : parseTarget(config.errorTarget);
  const pem = pathsOf(nginxPem(config, config.certificates), paths.pemDir);
  // A sidecar's nginx has its own limit. It must not need a reload because ours has changed.
  const maxOpenFiles = config.managed ? openFilesLimit() : 4096;
  return {
    listen: config.publicSocket === undefined ? listenLines(publicAddress) : [`unix:${config.publicSocket}`],
    tcp: config.publicSocket === undefined,
    host_routing: config.hostRouting,
    public_tls: publicTls(config, pem, paths),
    redirect: config.redirect ? redirect(config, config.redirect, publicAddress) : null,
    tls: {
      verify: !config.insecure,
      ca_file: pem.backendCa ?? paths.caFile,
      cert_file: pem.backendPair,
      key_file: pem.backendPair,
    },
    error_target: errorTarget ? hostHeader(errorTarget) : null,
    error_path: config.errorPath ?? null,
    x_forward: config.xForward,
    prepend_path: config.prependPath,
    include_prefix: config.includePrefix,
    auto_rewrite: config.autoRewrite,
    change_origin: config.changeOrigin,
    protocol_rewrite: config.protocolRewrite ?? null,
    custom_names: config.customHeader.map(({ name }) => name.toLowerCase()),
    custom_headers: config.customHeader.map(({ name, value }) => ({ name, value })),
    header_aliases: headerAliases(config),
    client_timeout: milliseconds(config.timeout),
    proxy_timeout: milliseconds(config.proxyTimeout),
    // Clients that heed the hint never send on a connection that is being closed. Node, and so CHP, does the same.
    keepalive_timeout: `${config.keepAliveTimeout + 1_000}ms`,
    keepalive_hint: `${Math.floor(config.keepAliveTimeout / 1_000)}s`,
    user,
    worker_processes: config.workerProcesses,
    max_open_files: maxOpenFiles,
    worker_connections: Math.min(16_384, Math.max(512, maxOpenFiles - 128)),
    run_dir: paths.runDir,
    temp_dir: paths.tempDir,
    control_socket: paths.controlSocket,
    pid_file: paths.masterPidFile,
    error_log: paths.errorLog,
    access_log: config.activity ? paths.accessLog : null,
  };
}

function publicTls(
  config: Config,
  { pair, clientCa, dhparam }: PemPaths<'pair' | 'clientCa' | 'dhparam'>,
  paths: NginxPaths,
) {
  if (pair === null) return null;
  return {
    cert_file: pair,
    key_file: pair,
    password_file: config.sslKeyPassphrase === undefined ? null : paths.passwordFile,
    client_ca: config.sslRequestCert ? clientCa : null,
    protocols: config.sslProtocol ?? 'TLSv1.2 TLSv1.3',
    ciphers: config.sslCiphers ?? null,
    dhparam,
    http2: config.http2,
  };
}

function redirect(config: Config, address: HostPort, publicAddress: HostPort) {
  const port = config.redirectTo ?? publicAddress.port;
  return { listen: listenLines(address), port: port === 443 ? '' : `:${port}` };
}

function listenLines({ host, port }: HostPort): string[] {
  if (!isEverywhere(host)) return [formatAddress({ host, port })];
  return hasIPv6() ? [`[::]:${port} ipv6only=off`] : [`*:${port}`];
}

function hasIPv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ family }) => family === 'IPv6'));
}

function milliseconds(value: number | undefined): string | null {
  return value === undefined ? null : `${value}ms`;
}

/** Host and port of a target as its Host header has them. */
export function hostHeader({ host, port, scheme, socket }: Target): string {
  if (socket !== undefined) return 'localhost';
  return port === (scheme === 'http' ? 80 : 443) ? host : formatAddress({ host, port });
}
