import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Config } from '../../../src/config/schema.ts';
import { Certificates } from '../../../src/proxies/certificates.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { makeTempDir } from '../../support/tmp.ts';

it('a renewed certificate that could not be taken is taken at the next look', () => {
  const dir = makeTempDir();
  const [sslKey, sslCert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const renew = () => {
    const { key, cert } = makeCertificate();
    writeFileSync(sslKey, key);
    writeFileSync(sslCert, cert);
  };
  renew();
  const warnings: object[] = [];
  const taken: string[] = [];
  let isFull = true;
  const certificates = new Certificates(
    { sslKey, sslCert } as Config,
    () => {
      if (isFull) throw new Error('no space left on device');
      taken.push(certificates.fingerprint);
    },
    { warn: (fields) => warnings.push(fields) },
  );
  certificates.watch();
  onCleanup(() => certificates.stop());

  const before = certificates.fingerprint;
  renew();
  certificates.check();
  expect(warnings).toEqual([{ reason: 'no space left on device' }]);
  expect(certificates.fingerprint).toBe(before);
  isFull = false;
  certificates.check();
  expect(taken).toEqual([certificates.fingerprint]);
  expect(certificates.fingerprint).not.toBe(before);
});
