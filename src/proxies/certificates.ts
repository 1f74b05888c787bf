import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Config } from '../config/schema.ts';
import { type FileWatch, watchFiles } from '../listeners/file-watch.ts';

/**
 * The certificate files that a proxy reads only when it is told to. Renewed ones are taken up only when key and certificate fit each other, so
 * that a half-renewed pair never stands in the way of a change of routes, and when authorities can be read: Traefik takes a
 * file without one for an empty list, and trusts no backend any more.
 */
export class Certificates {
  readonly #config: Config;
  readonly #paths: readonly string[];
  readonly #onRenewed: () => void;
  readonly #log: { warn(fields: object, message: string): void };
  #fingerprint: string;
  #watch: FileWatch | undefined;

  constructor(config: Config, onRenewed: () => void, log: { warn(fields: object, message: string): void }) {
    const { sslKey, sslCert, sslCa, sslDhparam, clientSslCa, clientSslCert, clientSslKey } = config;
    this.#config = config;
    this.#paths = [sslKey, sslCert, sslCa, sslDhparam, clientSslCa, clientSslCert, clientSslKey].filter(
      (path) => path !== undefined,
    );
    this.#onRenewed = onRenewed;
    this.#log = log;
    this.#fingerprint = this.#read();
  }

  /** Stands in the rendered configuration, so that a renewed certificate is a new version of it. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  watch(): void {
    this.#watch = watchFiles(this.#paths, () => this.#renew(), {
      onError: (error) =>
        this.#log.warn({ reason: (error as Error).message }, 'a renewed certificate cannot be used, the old one stays'),
    });
  }

  /** Looks at once, for SIGHUP. */
  check(): void {
    this.#watch?.check();
  }

  stop(): void {
    this.#watch?.close();
  }

  #renew(): void {
    const { sslKey, sslCert, sslKeyPassphrase: passphrase, clientSslKey, clientSslCert } = this.#config;
    const { sslCa, clientSslCa } = this.#config;
    if (sslKey && sslCert) checkPair(sslKey, sslCert, passphrase);
    if (clientSslKey && clientSslCert) checkPair(clientSslKey, clientSslCert, undefined);
    for (const ca of [sslCa, clientSslCa]) if (ca !== undefined) checkAuthority(ca);
    const fingerprint = this.#read();
    if (fingerprint === this.#fingerprint) return;
    const before = this.#fingerprint;
    this.#fingerprint = fingerprint;
    try {
      this.#onRenewed();
    } catch (error) {
      // Not taken: the next look tries again.
      this.#fingerprint = before;
      throw error;
    }
  }

  #read(): string {
    const hash = createHash('sha256');
    for (const path of this.#paths) hash.update(readFileSync(path));
    return this.#paths.length === 0 ? 'none' : hash.digest('hex').slice(0, 16);
  }
}

/** Throws when they don't belong together. */
function checkPair(key: string, cert: string, passphrase: string | undefined): void {
  createSecureContext({
    key: readFileSync(key),
    cert: readFileSync(cert),
    ...(passphrase === undefined ? {} : { passphrase }),
  });
}

/** Throws when there is no certificate in it. */
function checkAuthority(path: string): void {
  const text = readFileSync(path);
  try {
    new X509Certificate(text);
  } catch (error) {
    throw new Error(`${path} holds no certificate that can be read (PEM)`, { cause: error });
  }
}
