import { optional, optionalOneOf, withDefault } from '../setting.ts';

/** A PEM file that has to be there at start; nginx gets its path. */
const pem = { readable: true, inNginxConfig: true } as const;
/** A PEM file that only Signalbox itself reads. */
const ownPem = { readable: true } as const;

/** TLS towards users, towards the Hub, and towards backends. */
export const tls = {
  'ssl-key': optional('path', 'Private key of the public side, which then speaks HTTPS.', pem),
  'ssl-cert': optional('path', 'Certificate of the public side, with its chain.', pem),
  'ssl-ca': optional('path', 'Authorities whose client certificates the public side accepts.', pem),
  'ssl-request-cert': withDefault('boolean', 'false', 'Turn away users without a certificate from ssl-ca.'),
  'ssl-protocol': optionalOneOf(
    ['TLSv1.2', 'TLSv1.3'],
    'The only version of TLS that the public side and the API speak; unless given both.',
  ),
  'ssl-ciphers': optional('string', "Ciphers of the public side, in OpenSSL's notation.", {
    pattern: /^[A-Za-z0-9_:+!@=.,-]+$/,
    want: 'a list of ciphers such as ECDHE-RSA-AES128-GCM-SHA256:HIGH:!aNULL',
  }),
  'ssl-dhparam': optional('path', 'Diffie-Hellman parameters of the public side.', pem),
  http2: withDefault('boolean', 'true', 'Speak HTTP/2 with users where the public side has TLS.'),
  'api-ssl-key': optional('path', 'Private key of the API, which then speaks HTTPS.', ownPem),
  'api-ssl-cert': optional('path', 'Certificate of the API, with its chain.', ownPem),
  'api-ssl-ca': optional('path', 'Authorities whose client certificates the API accepts.', ownPem),
  'api-ssl-request-cert': withDefault('boolean', 'false', 'Turn away Hubs without a certificate from api-ssl-ca.'),
  'client-ssl-ca': optional('path', "Authorities to verify https backends with; without it Node's own list.", pem),
  'client-ssl-cert': optional('path', 'Certificate to show to https backends.', pem),
  'client-ssl-key': optional('path', 'Private key of that certificate.', pem),
  insecure: withDefault('boolean', 'false', 'Do not verify https backends.'),
};
