import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from '../../../src/cli/setting-flags.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { Certificates } from '../../../src/rollout/certificates.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** The certificates of a configuration, and how they are renewed. */
function setUp(onRenewed: () => void, stateDir = makeTempDir()) {
  const dir = makeTempDir();
  const [sslKey, sslCert] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
  const renew = () => {
    const { key, cert } = makeCertificate();
    writeFileSync(sslKey, key);
    writeFileSync(sslCert, cert);
  };
  renew();
  const warnings: object[] = [];
  const argv = ['--ssl-key', sslKey, '--ssl-cert', sslCert, '--state-dir', stateDir];
  const { config } = loadConfig({ flags: readSettings(argv), env: {} });
  const certificates = new Certificates(config, onRenewed, { warn: (fields) => warnings.push(fields) });
  onCleanup(() => certificates.stop());
  return { certificates, renew, sslCert, stateDir, warnings };
}

it('a renewed certificate that could not be taken is taken at the next look', () => {
  const taken: string[] = [];
  let isFull = true;
  const { certificates, renew, warnings } = setUp(() => {
    if (isFull) throw new Error('no space left on device');
    taken.push(certificates.digest);
  });
  certificates.watch();

  const before = certificates.digest;
  renew();
  certificates.check();
  expect(warnings).toEqual([{ event: 'failure', reason: 'no space left on device' }]);
  expect(certificates.digest).toBe(before);
  isFull = false;
  certificates.check();
  expect(taken).toEqual([certificates.digest]);
  expect(certificates.digest).not.toBe(before);
});

it('one that was renewed after the configuration was read, and before it is watched, is taken at the first look', () => {
  const taken: string[] = [];
  const { certificates, renew, sslCert, stateDir } = setUp(() => taken.push(certificates.digest));
  renew();
  certificates.watch();
  certificates.check();
  expect(taken).toEqual([certificates.digest]);
  expect(JSON.parse(readFileSync(join(stateDir, 'certificates.json'), 'utf8'))).toMatchObject({
    [sslCert]: readFileSync(sslCert, 'utf8'),
  });
});

it('that no copies can be written for a start amid a renewal is told, and ends nothing', () => {
  const { certificates, warnings } = setUp(() => {}, join(makeTempDir(), 'gone'));
  certificates.watch();
  expect(warnings).toEqual([{ reason: expect.stringMatching(/no such file/) }]);
});
