import type { CertificateTexts } from '../../config/last-good-certificates.ts';
import type { Config } from '../../config/schema.ts';

/** The files that nginx reads of these certificates. A certificate and its key are one file, so that they always match. */
export function nginxPem(config: Config, certificates: CertificateTexts) {
  const text = (path: string | undefined) => (path === undefined ? undefined : certificates.get(path));
  const pair = (certificate = '', key = '') => [text(certificate)?.trimEnd(), text(key)].join('\n');
  const { sslCert, sslKey, clientSslCert, clientSslKey } = config;
  return {
    pair: ['public.pem', sslCert && pair(sslCert, sslKey)],
    clientCa: ['client-ca.pem', text(config.sslCa)],
    dhparam: ['dhparam.pem', text(config.sslDhparam)],
    backendCa: ['backend-ca.pem', text(config.clientSslCa)],
    backendPair: ['backend.pem', clientSslCert && pair(clientSslCert, clientSslKey)],
  } as const;
}
