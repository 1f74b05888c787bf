import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import type { Choice } from './choose.ts';
import { type CertificateTexts, readLastGood } from './last-good-certificates.ts';
import type { FoundPassphrases } from './passphrase.ts';
import { formatProblem, type Problem, quote } from './problem.ts';
import { type ReadFile, readFailure } from './read-file.ts';
import { KEYS, type Key, settingOf } from './schema.ts';

const PAIRS = [
  { key: 'ssl-key', cert: 'ssl-cert', passphrase: 'sslKeyPassphrase', variable: 'SIGNALBOX_SSL_KEY_PASSPHRASE' },
  {
    key: 'api-ssl-key',
    cert: 'api-ssl-cert',
    passphrase: 'apiSslKeyPassphrase',
    variable: 'SIGNALBOX_API_SSL_KEY_PASSPHRASE',
  },
  { key: 'client-ssl-key', cert: 'client-ssl-cert', passphrase: undefined, variable: undefined },
] as const;

const AUTHORITIES = ['ssl-ca', 'api-ssl-ca', 'client-ssl-ca'] as const;

export interface FoundCertificates {
  /** Of the files that the proxy uses. */
  readonly texts: CertificateTexts;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/**
 * The contents of the key and certificate files. When a daemon starts and they don't match or can't be read, it uses the last matching
 * contents of the same paths, which it keeps in its state folder: a renewal must not keep the proxy down.
 */
export function findCertificates(
  choice: Choice,
  passphrases: FoundPassphrases,
  readFile: ReadFile,
  lastGoodIn: string | undefined,
): FoundCertificates {
  const found = checkCertificates(choice, passphrases, readFile);
  if (found.problems.length === 0 || lastGoodIn === undefined) return { ...found, warnings: [] };
  const lastGood = checkCertificates(choice, passphrases, readFile, readLastGood(lastGoodIn, readFile));
  if (lastGood.problems.length > 0) return { ...found, warnings: [] };
  const warnings = found.problems.map(
    (problem) => `${formatProblem(problem)}; until it is mended the last certificates that fitted are used`,
  );
  return { ...lastGood, warnings };
}

/**
 * Looks into the files of keys and certificates: nginx would find the same mistakes later, and say it in OpenSSL's words.
 * Only their form, and that they match, is checked; their users decide what is too old or too weak.
 */
function checkCertificates(
  { values, broken, placeOf }: Choice,
  passphrases: FoundPassphrases,
  readFile: ReadFile,
  lastGood?: CertificateTexts,
): { texts: CertificateTexts; problems: Problem[] } {
  const problems: Problem[] = [];
  const ofProxy = new Map<string, string>();
  const texts = new Map<Key, string>();
  for (const key of KEYS) {
    const path = values[key];
    if (settingOf(key).readable !== true || typeof path !== 'string' || broken.has(key)) continue;
    // The API reads its own as they are.
    const isOfProxy = !key.startsWith('api-');
    try {
      const text = (isOfProxy ? lastGood?.get(path) : undefined) ?? readFile(path).text;
      texts.set(key, text);
      if (isOfProxy) ofProxy.set(path, text);
    } catch (error) {
      problem(key, `can't be read: ${readFailure(error)}`);
    }
  }
  for (const pair of PAIRS) {
    const key = privateKey(pair);
    const certificate = certificateIn(pair.cert);
    if (key !== undefined && certificate !== undefined && !certificate.checkPrivateKey(key)) {
      problem(pair.cert, `is no certificate of the key in ${pair.key}`);
    }
  }
  for (const key of AUTHORITIES) certificateIn(key);
  return { texts: ofProxy, problems };

  function privateKey({ key, passphrase, variable }: (typeof PAIRS)[number]): KeyObject | undefined {
    const text = texts.get(key);
    if (text === undefined) return undefined;
    const secret = passphrase === undefined ? undefined : passphrases[passphrase];
    try {
      return createPrivateKey({ key: text, ...(secret === undefined ? {} : { passphrase: secret }) });
    } catch {
      // The error itself adds nothing: OpenSSL's names for the step that failed.
      if (!/ENCRYPTED/.test(text)) problem(key, 'holds no private key that can be read (PEM)');
      else if (variable === undefined) problem(key, 'is encrypted, and there is no variable for its passphrase');
      else if (secret === undefined) problem(key, `is encrypted: set ${variable}`);
      else problem(key, 'is encrypted, and not with the passphrase that is given');
      return undefined;
    }
  }

  function certificateIn(key: Key): X509Certificate | undefined {
    const text = texts.get(key);
    if (text === undefined) return undefined;
    try {
      return new X509Certificate(text);
    } catch {
      problem(key, 'holds no certificate that can be read (PEM)');
      return undefined;
    }
  }

  function problem(key: Key, what: string): void {
    problems.push({ place: placeOf(key) ?? 'defaults', message: `${key}: ${quote(String(values[key]))} ${what}` });
  }
}
