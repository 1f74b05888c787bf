import { getCACertificates } from 'node:tls';
import type { Config } from '../../config/schema.ts';
import { replaceFile } from '../../system/files.ts';
import type { NginxPaths } from './settings.ts';
import { parseTarget } from './target.ts';

/** Authorities that https backends are verified with when no others are named. */
export function writeAuthorities(paths: NginxPaths): void {
  const authorities = getCACertificates('default');
  replaceFile(paths.caFile, authorities.join('\n'), 0o644);
  replaceFile(paths.oneCaFile, authorities.slice(0, 1).join('\n'), 0o644);
}

/**
 * What nginx reads in their place as long as no target is https: one of them. Node's own, some 120, take nginx 1.22 50 ms of CPU at its
 * start and at each reload. Not for a sidecar, for which one more reload may be much to ask.
 */
export function oneAuthority(config: Config, paths: NginxPaths): string | undefined {
  const { managed, insecure, clientSslCa, errorTarget } = config;
  const isHttps = errorTarget !== undefined && parseTarget(errorTarget)?.scheme === 'https';
  return !managed || insecure || clientSslCa !== undefined || isHttps ? undefined : paths.oneCaFile;
}
