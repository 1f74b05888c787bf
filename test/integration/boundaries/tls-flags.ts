import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../../support/certificate.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** A certificate of its own for the public side. */
export function tlsFlags(): string[] {
  const folder = makeTempDir();
  const { key, cert } = makeCertificate();
  writeFileSync(join(folder, 'key.pem'), key);
  writeFileSync(join(folder, 'cert.pem'), cert);
  return ['--ssl-key', join(folder, 'key.pem'), '--ssl-cert', join(folder, 'cert.pem')];
}
