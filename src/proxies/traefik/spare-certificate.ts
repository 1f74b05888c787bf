import { generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

/**
 * A certificate that no user ever sees. Without one Traefik makes an RSA key for its own at its start and at each change, which
 * takes it longer than hundreds of routes. Written as DER (X.690), with as little as RFC 5280 allows: a library for it would
 * bring twenty packages.
 */
export function makeSpareCertificate(): { key: string; cert: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ecdsaWithSha256 = sequence(tlv(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
  const commonName = sequence(tlv(0x06, Buffer.from('550403', 'hex')), tlv(0x0c, Buffer.from('signalbox')));
  const name = sequence(tlv(0x31, commonName));
  const time = (text: string) => tlv(0x17, Buffer.from(text));
  const content = sequence(
    tlv(0x02, Buffer.from([1])),
    ecdsaWithSha256,
    name,
    sequence(time('250101000000Z'), time('491231235959Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', content, privateKey)]);
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    cert: new X509Certificate(sequence(content, ecdsaWithSha256, tlv(0x03, signature))).toString(),
  };
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, Buffer.concat(parts));
}

function tlv(tag: number, value: Buffer): Buffer {
  const length =
    value.length < 0x80
      ? [value.length]
      : value.length < 0x100
        ? [0x81, value.length]
        : [0x82, value.length >> 8, value.length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}
