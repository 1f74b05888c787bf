import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { describeError, SignalboxError } from '../../errors.ts';
import type { HubEnvironment } from './environment.ts';

/**
 * The certificate that a Hub with internal_ssl made for this service, and whom it trusts: shown to the Hub's API, and to the proxy, whose
 * own certificate must be of the same authority.
 */
export function readTls(files: HubEnvironment['tlsFiles']): SecureContextOptions | undefined {
  if (files === undefined) return undefined;
  return {
    key: read('SSL_KEYFILE', files.key),
    cert: read('SSL_CERTFILE', files.cert),
    ca: read('SSL_CLIENT_CA', files.ca),
  };
}

function read(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new SignalboxError('BAD_CONFIG', `JUPYTERHUB_${variable} can't be read: ${describeError(error)}`);
  }
}
