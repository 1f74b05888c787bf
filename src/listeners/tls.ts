import { readFileSync } from 'node:fs';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type { Config } from '../config/schema.ts';

/** What TLS on the API depends on. */
export type ApiTlsConfig = Pick<
  Config,
  'apiSslKey' | 'apiSslCert' | 'apiSslCa' | 'apiSslRequestCert' | 'apiSslKeyPassphrase' | 'sslProtocol'
>;

/** The files that TLS on the API reads; none when it has no TLS. */
export function apiTlsFiles({ apiSslKey, apiSslCert, apiSslCa }: ApiTlsConfig): string[] {
  if (apiSslKey === undefined || apiSslCert === undefined) return [];
  return [apiSslKey, apiSslCert, ...(apiSslCa === undefined ? [] : [apiSslCa])];
}

/** Keys and certificates as they are on disk now. The authorities' file may hold several. */
export function readSecureContext(config: ApiTlsConfig): SecureContextOptions {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFileSync(path));
  return {
    key: read(config.apiSslKey),
    cert: read(config.apiSslCert),
    ca: read(config.apiSslCa),
    passphrase: config.apiSslKeyPassphrase,
    minVersion: config.sslProtocol ?? 'TLSv1.2',
    maxVersion: config.sslProtocol ?? 'TLSv1.3',
  };
}

/** As with CHP, who is asked for a certificate and has none that is signed by an authority is turned away. */
export function apiTlsOptions(config: ApiTlsConfig): TlsOptions {
  const { apiSslRequestCert: asked } = config;
  return { ...readSecureContext(config), requestCert: asked, rejectUnauthorized: asked };
}
