import { createPrivateKey } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import type { CertificateTexts } from '../../config/last-good-certificates.ts';
import type { Config } from '../../config/schema.ts';
import { SignalboxError } from '../../errors.ts';
import type { Templates } from '../../render/templates.ts';
import { replaceFiles } from '../../system/files.ts';
import type { SystemUser } from '../../system/users.ts';
import { type PemPaths, pathsOf, writeCopies } from '../pem-copies.ts';
import { quoteYaml } from './quote.ts';
import { makeSpareCertificate } from './spare-certificate.ts';

/**
 * OpenSSL's names of the suites that Go has (crypto/tls, CipherSuites). Those of TLS 1.3 can't be chosen there and need not
 * be; without a list Go takes all that are safe.
 */
const SUITES: Readonly<Record<string, string>> = {
  'ECDHE-ECDSA-AES128-GCM-SHA256': 'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384': 'TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305': 'TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256',
  'ECDHE-ECDSA-AES128-SHA': 'TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA',
  'ECDHE-ECDSA-AES256-SHA': 'TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA',
  'ECDHE-RSA-AES128-GCM-SHA256': 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384': 'TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305': 'TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256',
  'ECDHE-RSA-AES128-SHA': 'TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA',
  'ECDHE-RSA-AES256-SHA': 'TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA',
};

const VERSIONS = { 'TLSv1.2': 'VersionTLS12', 'TLSv1.3': 'VersionTLS13' } as const;

/** The files with certificates and keys of a configuration, as Traefik sees them. */
export type PemFiles = PemPaths<keyof ReturnType<typeof traefikPem>>;

/** The files that a managed Traefik reads of these certificates. It knows no passphrases, so the key is decrypted. */
export function traefikPem(config: Config, certificates: CertificateTexts) {
  const text = (path: string | undefined) => (path === undefined ? undefined : certificates.get(path));
  const key = text(config.sslKey);
  const passphrase = config.sslKeyPassphrase;
  const ours = config.insecure ? undefined : getCACertificates('default').join('\n');
  return {
    publicCert: ['public-cert.pem', text(config.sslCert)],
    publicKey: ['public-key.pem', key !== undefined && passphrase !== undefined ? decrypted(key, passphrase) : key],
    publicCa: ['public-ca.pem', config.sslRequestCert ? text(config.sslCa) : undefined],
    backendCa: ['backend-ca.pem', config.clientSslCa === undefined ? ours : text(config.clientSslCa)],
    backendCert: ['backend-cert.pem', text(config.clientSslCert)],
    backendKey: ['backend-key.pem', text(config.clientSslKey)],
  } as const;
}

/** In a sidecar Traefik reads the files that the configuration names; TLS of the public side is up to its operator. */
export function namedPemFiles(config: Config): PemFiles {
  return {
    publicCert: null,
    publicKey: null,
    publicCa: null,
    backendCa: config.clientSslCa ?? null,
    backendCert: config.clientSslCert ?? null,
    backendKey: config.clientSslKey ?? null,
  };
}

const SPARE = { cert: 'spare-cert.pem', key: 'spare-key.pem' };

/** Puts certificates and keys where a managed Traefik reads them; returns where that is. */
export function writePem(config: Config, certificates: CertificateTexts, folder: string, user?: SystemUser): PemFiles {
  const copies = traefikPem(config, certificates);
  writeCopies(copies, folder, user);
  if (config.sslCert === undefined) makeSparePemFiles(folder, user);
  return pathsOf(copies, folder);
}

/** Made once; see spare-certificate.ts. */
function makeSparePemFiles(folder: string, user: SystemUser | undefined): void {
  if (existsSync(join(folder, SPARE.cert)) && existsSync(join(folder, SPARE.key))) return;
  const { cert, key } = makeSpareCertificate();
  replaceFiles(folder, { [SPARE.key]: key, [SPARE.cert]: cert }, 0o600, user);
}

/** What renders tls.yml. `pem`: the certificates, which are in `folder`; `certificates`: digest of what they hold. */
export function tlsRenderer(config: Config, publicPort: number, folder: string, pem: PemFiles) {
  return (templates: Templates, certificates: string): string => {
    const settings = tlsSettings(config, publicPort, pem, certificates);
    return settings ? templates.render('tls.yml', settings) : spareTls(folder, certificates);
  };
}

/** tls.yml where the public side has no TLS. A change in it makes Traefik read the certificates for backends again. */
function spareTls(folder: string, certificates: string): string {
  return `# Certificates ${certificates}
tls:
  stores:
    default:
      defaultCertificate:
        certFile: ${quoteYaml(join(folder, SPARE.cert))}
        keyFile: ${quoteYaml(join(folder, SPARE.key))}
`;
}

/** What the template is rendered with; undefined when the public side has no TLS. */
function tlsSettings(config: Config, publicPort: number, pem: PemFiles, certificates: string) {
  if (pem.publicCert === null || pem.publicKey === null) return undefined;
  const only = config.sslProtocol === undefined ? undefined : VERSIONS[config.sslProtocol];
  return {
    certificates,
    cert_file: pem.publicCert,
    key_file: pem.publicKey,
    client_ca: pem.publicCa,
    min_version: only ?? VERSIONS['TLSv1.2'],
    max_version: only ?? null,
    cipher_suites: cipherSuites(config.sslCiphers),
    http2: config.http2,
    redirect: config.redirect ? { port: redirectPort(config.redirectTo ?? publicPort) } : null,
  };
}

function redirectPort(port: number): string {
  return port === 443 ? '' : `:${port}`;
}

/** Throws BAD_CONFIG when Traefik knows none of the list: it would use all. */
function cipherSuites(list: string | undefined): string[] {
  if (list === undefined) return [];
  const suites = list.split(/[:, ]/).flatMap((name) => SUITES[name] ?? []);
  if (suites.length > 0) return suites;
  throw new SignalboxError('BAD_CONFIG', `ssl-ciphers has no cipher that Traefik knows: ${list}`, {
    hint: `Name some of ${Object.keys(SUITES).join(', ')}; those of TLS 1.3 are always on.`,
  });
}

function decrypted(key: string, passphrase: string): string {
  return createPrivateKey({ key, passphrase }).export({ type: 'pkcs8', format: 'pem' }) as string;
}
