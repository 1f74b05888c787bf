import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../config/schema.ts';
import type { Certificates } from '../../rollout/certificates.ts';
import { ensureFolder, replaceFile } from '../../system/files.ts';

/** The copies that nginx is given to read; null where the configuration names none. A pair is one file, so that it always fits. */
export interface NginxPem {
  readonly pair: string | null;
  readonly clientCa: string | null;
  readonly dhparam: string | null;
  readonly backendCa: string | null;
  readonly backendPair: string | null;
}

/** Where copyPem puts them. */
export function nginxPem(config: Config, folder: string): NginxPem {
  const there = (name: string, given: unknown) => (given === undefined ? null : join(folder, name));
  return {
    pair: there('public.pem', config.sslCert),
    clientCa: there('client-ca.pem', config.sslCa),
    dhparam: there('dhparam.pem', config.sslDhparam),
    backendCa: there('backend-ca.pem', config.clientSslCa),
    backendPair: there('backend.pem', config.clientSslCert),
  };
}

/**
 * Copies the certificates to where nginx reads them. Of the files themselves it would read what is there at any reload or
 * start, and a renewal that is half done would keep it from both.
 */
export function copyPem(config: Config, folder: string, certificates: Certificates): void {
  ensureFolder(folder, 0o700);
  const texts: Record<string, string | undefined> = {
    'public.pem': pair(certificates.text(config.sslCert), certificates.text(config.sslKey)),
    'client-ca.pem': certificates.text(config.sslCa),
    'dhparam.pem': certificates.text(config.sslDhparam),
    'backend-ca.pem': certificates.text(config.clientSslCa),
    'backend.pem': pair(certificates.text(config.clientSslCert), certificates.text(config.clientSslKey)),
  };
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) rmSync(join(folder, name), { force: true });
    else replaceFile(join(folder, name), text);
  }
}

function pair(certificate: string | undefined, key: string | undefined): string | undefined {
  return certificate === undefined || key === undefined ? undefined : `${certificate.trimEnd()}\n${key}`;
}
