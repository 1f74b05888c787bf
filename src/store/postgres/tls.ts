import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type ConnectionOptions, createSecureContext, getCACertificates } from 'node:tls';
import { readFailure, readTextFile } from '../../config/read-file.ts';

/** libpq's sslmode, from the weakest on. */
export const TLS_MODES = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;
export type TlsMode = (typeof TLS_MODES)[number];

export interface TlsSettings {
  readonly mode: TlsMode;
  /** The file of the authorities that are trusted, or `system`; a server is verified wherever there are any. */
  readonly roots: string | undefined;
  /** Files of a client certificate. */
  readonly certificate: string | undefined;
  readonly key: string | undefined;
}

/** The ways to connect, in their order: with TLS or without. There is none over a unix socket. */
export function tlsWays({ mode }: TlsSettings, host: string): readonly boolean[] {
  if (host.startsWith('/') || mode === 'disable') return [false];
  if (mode === 'allow') return [false, true];
  return mode === 'prefer' ? [true, false] : [true];
}

/** For node:tls. The files are read anew for each connection: certificates are renewed. */
export function tlsOptions({ mode, roots, certificate, key }: TlsSettings): ConnectionOptions {
  return {
    rejectUnauthorized: roots !== undefined,
    ...(roots !== undefined && { ca: roots === 'system' ? getCACertificates('system') : readFileSync(roots, 'utf8') }),
    ...(certificate !== undefined && { cert: readFileSync(certificate, 'utf8') }),
    ...(key !== undefined && { key: readFileSync(key, 'utf8') }),
    ...(mode !== 'verify-full' && { checkServerIdentity: () => undefined }),
  };
}

interface Wrong {
  readonly parameter: 'sslmode' | 'sslrootcert' | 'sslcert' | 'sslkey';
  readonly message: string;
}

/** What is wrong with the settings, at start: nothing of it would ever mend itself. */
export function checkTls({ mode, roots, certificate, key }: TlsSettings): Wrong | undefined {
  const verifies = mode === 'verify-ca' || mode === 'verify-full';
  if (verifies && roots === undefined) {
    const mend = 'name the file of the authority with sslrootcert=, or sslrootcert=system for those of this machine';
    return { parameter: 'sslmode', message: `sslmode=${mode} needs an authority to verify by: ${mend}` };
  }
  if (roots === 'system' && mode !== 'verify-full') {
    const why = 'anybody can have a certificate of such an authority';
    return { parameter: 'sslmode', message: `sslrootcert=system takes sslmode=verify-full, not ${mode}: ${why}` };
  }
  if (certificate !== undefined && key === undefined) {
    return { parameter: 'sslcert', message: 'there is a client certificate without a key: name its file with sslkey=' };
  }
  return (
    checkFile('sslrootcert', roots === 'system' ? undefined : roots, (text) => new X509Certificate(text)) ??
    checkFile('sslcert', certificate, (cert) => createSecureContext({ cert })) ??
    checkFile('sslkey', key, (text, permissions) => {
      // As libpq: a group may read it only when it is root's, who may have given it to us so.
      if (permissions & 0o037) throw new Error('others may read it, make it 0600');
      createSecureContext({ key: text });
    })
  );
}

function checkFile(
  parameter: Wrong['parameter'],
  path: string | undefined,
  check: (text: string, mode: number) => unknown,
): Wrong | undefined {
  if (path === undefined) return undefined;
  try {
    const { text, mode } = readTextFile(path);
    check(text, mode);
    return undefined;
  } catch (error) {
    const why = (error as NodeJS.ErrnoException).syscall ? readFailure(error) : (error as Error).message;
    return { parameter, message: `${parameter} ${path} can't be used: ${why}` };
  }
}
