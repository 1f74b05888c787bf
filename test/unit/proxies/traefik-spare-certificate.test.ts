import { createPrivateKey, X509Certificate } from 'node:crypto';
import { expect, it } from 'vitest';
import { makeSpareCertificate } from '../../../src/proxies/traefik/spare-certificate.ts';

it('the spare certificate is signed by its own key and belongs to it', () => {
  const { cert, key } = makeSpareCertificate();
  const certificate = new X509Certificate(cert);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true);
  expect(certificate.checkPrivateKey(createPrivateKey(makeSpareCertificate().key))).toBe(false);
});
