import { X509Certificate } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { type CertificateTexts, lastGoodPath } from '../config/last-good-certificates.ts';
import type { Config } from '../config/schema.ts';
import { describeError } from '../errors.ts';
import { replaceFile } from '../system/files.ts';
import type { Log } from '../system/log.ts';
import { type FileWatch, watchFiles } from '../system/watch.ts';
import { digestOf } from './digest.ts';

/**
 * The certificates and keys for the proxy, as they were when they last matched. A renewed set is taken up when it is complete: with a
 * key that does not belong to its certificate the proxy could be neither reloaded nor started.
 */
export class Certificates {
  readonly #config: Config;
  readonly #onRenewed: () => void;
  readonly #log: Pick<Log, 'warn'>;
  #texts: CertificateTexts;
  #digest: string | undefined;
  #watch: FileWatch | undefined;

  constructor(config: Config, onRenewed: () => void, log: Pick<Log, 'warn'>) {
    this.#config = config;
    this.#onRenewed = onRenewed;
    this.#log = log;
    this.#texts = config.certificates;
  }

  /** Changes when one was renewed; part of the rendered configuration. */
  get digest(): string {
    this.#digest ??= this.#texts.size === 0 ? 'none' : digestOf(this.#texts.values());
    return this.#digest;
  }

  /** What the files held, by their paths. */
  get texts(): CertificateTexts {
    return this.#texts;
  }

  watch(): void {
    try {
      this.#keep();
    } catch (error) {
      this.#log.warn({ reason: describeError(error) }, 'no copies of the certificates for a start amid a renewal');
    }
    this.#watch = watchFiles([...this.#texts.keys()], () => this.#renew(), {
      unseen: true,
      onError: (error) =>
        this.#log.warn(
          { event: 'failure', reason: (error as Error).message },
          'a renewed certificate cannot be used, the old one stays',
        ),
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
    const paths = [...this.#texts.keys()];
    const texts = new Map(paths.map((path) => [path, readFileSync(path, 'utf8')]));
    if (paths.every((path) => texts.get(path) === this.#texts.get(path))) return;
    checkFit(texts, this.#config);
    const before = this.#texts;
    this.#use(texts);
    try {
      this.#keep();
      this.#onRenewed();
    } catch (error) {
      // Not taken: the next look tries again.
      this.#use(before);
      throw error;
    }
  }

  #use(texts: CertificateTexts): void {
    this.#texts = texts;
    this.#digest = undefined;
  }

  /** Keeps copies for a daemon that starts while the files are half renewed. */
  #keep(): void {
    const path = lastGoodPath(this.#config.stateDir);
    if (this.#texts.size === 0) rmSync(path, { force: true });
    else replaceFile(path, JSON.stringify(Object.fromEntries(this.#texts)));
  }
}

/** Throws when a key and its certificate don't belong together, or when a file isn't whole. */
function checkFit(texts: CertificateTexts, config: Config): void {
  const text = (path: string | undefined) => (path === undefined ? undefined : texts.get(path));
  const { sslKey, sslCert, sslKeyPassphrase: passphrase, sslDhparam, clientSslKey, clientSslCert } = config;
  createSecureContext({ key: text(sslKey), cert: text(sslCert), passphrase, dhparam: text(sslDhparam) });
  createSecureContext({ key: text(clientSslKey), cert: text(clientSslCert) });
  for (const path of [config.sslCa, config.clientSslCa]) if (path !== undefined) checkAuthorities(path, text(path));
}

/** With a file without certificates Traefik would trust no backend any more; nginx refuses a file that is cut off. */
function checkAuthorities(path: string, text = ''): void {
  const certificates = text
    .split(/(?=-----BEGIN )/)
    .filter((part) => /^-----BEGIN [A-Z0-9 ]*CERTIFICATE-----/.test(part));
  try {
    for (const certificate of certificates.length === 0 ? [text] : certificates) new X509Certificate(certificate);
  } catch (error) {
    throw new Error(`${path} holds no certificate that can be read (PEM)`, { cause: error });
  }
}
