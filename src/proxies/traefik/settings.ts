import type { Config } from '../../config/schema.ts';
import { formatAddress, type HostPort, isEverywhere } from '../../system/address.ts';
import { headerAliases } from '../header-aliases.ts';
import type { Version } from '../version.ts';
import type { PemFiles } from './tls.ts';
import type { TraefikSettings } from './variables.ts';
import {
  canChooseErrorHeaders,
  canKeepForwardedFor,
  hasLayers,
  hasServiceMiddlewares,
  knowsEncodedCharacters,
} from './version.ts';

/** What a managed Traefik is told of the places in the state folder. */
export interface TraefikPaths {
  /** Folder that it watches. */
  readonly watched: string;
  readonly errorLog: string;
  readonly accessLog: string;
}

/** What a sidecar's operator has configured; the defaults for a managed Traefik. */
function surroundings(config: Config) {
  if (config.managed) {
    return { prefix: 'signalbox', entryPoints: ['public'], tls: null, middlewares: [], rule: null, health: true };
  }
  const tls = config.traefikTls || config.traefikTlsOptions !== undefined || config.traefikCertResolver !== undefined;
  return {
    prefix: config.traefikPrefix,
    entryPoints: list(config.traefikEntryPoints),
    tls: tls ? { options: config.traefikTlsOptions ?? null, cert_resolver: config.traefikCertResolver ?? null } : null,
    middlewares: list(config.traefikMiddlewares ?? ''),
    rule: config.traefikRule ?? null,
    health: false,
  };
}

/** What the dynamic file is rendered with. */
export function dynamicSettings(
  config: Config,
  token: string,
  version: Version | undefined,
  pem: PemFiles,
): TraefikSettings {
  const { prefix, entryPoints, tls, middlewares, rule, health } = surroundings(config);
  return {
    name_prefix: prefix,
    tree: config.traefikTree && hasLayers(version),
    choose_error_headers: canChooseErrorHeaders(version),
    service_middlewares: hasServiceMiddlewares(version),
    entry_points: entryPoints,
    tls,
    middlewares,
    rule,
    marker: { token, entry_point: config.managed ? 'private' : (entryPoints[0] ?? 'web') },
    health,
    host_routing: config.hostRouting,
    sanitize_path: !config.managed,
    include_prefix: config.includePrefix,
    prepend_path: config.prependPath,
    x_forward: config.xForward,
    keep_forwarded: keepsForwarded(config, version),
    change_origin: config.changeOrigin,
    custom_headers: config.customHeader.map(({ name, value }) => ({ name, value })),
    header_aliases: headerAliases(config).map(asGoWrites),
    error_target: config.errorTarget ?? null,
    backend_tls: {
      verify: !config.insecure,
      ca_file: pem.backendCa,
      cert_file: pem.backendCert,
      key_file: pem.backendKey,
    },
    proxy_timeout_ms: config.proxyTimeout ?? null,
  };
}

/** What the static file of a managed Traefik is rendered with: all that stays the same while it runs. */
export function staticSettings(
  config: Config,
  publicAddress: HostPort,
  privatePort: number,
  version: Version | undefined,
  paths: TraefikPaths,
) {
  return {
    public: { address: listenText(publicAddress), tls: config.sslCert !== undefined },
    redirect: config.redirect ? { address: listenText(config.redirect) } : null,
    private_address: `127.0.0.1:${privatePort}`,
    dashboard: config.traefikDashboard ? listenText(config.traefikDashboard) : null,
    health: true,
    /** Traefik knows which of them may be in a path from 3.6.4 on, and before that lets all pass. */
    encoded_characters: knowsEncodedCharacters(version),
    /** X-Forwarded-For can be left as it came from 3.7 on. */
    keep_forwarded_for: keepsForwarded(config, version),
    directory: paths.watched,
    log_file: paths.errorLog,
    access_log: config.activity ? paths.accessLog : null,
    keepalive_timeout: seconds(config.keepAliveTimeout),
    grace_timeout: seconds(config.drainTimeout),
  };
}

/** Are forwarding headers of a proxy in front passed on unchanged? */
function keepsForwarded(config: Config, version: Version | undefined): boolean {
  return !config.xForward && canKeepForwardedFor(version);
}

/** `*` is every interface. */
function listenText({ host, port }: HostPort): string {
  return isEverywhere(host) ? `:${port}` : formatAddress({ host, port });
}

/** A header's name as Go keeps it, `X_forwarded-For`: any other spelling it makes into that for each request. */
function asGoWrites(name: string): string {
  return name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
}

/** As Go's time.ParseDuration reads it. */
function seconds(milliseconds: number): string {
  return `${milliseconds / 1000}s`;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}
