import { createPrivateKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ConfigError } from '../../../src/config/problem.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { load, loadYaml, problemsOf } from './load-with.ts';

const SECRET = 'open sesame';
const { key, cert } = makeCertificate();
const other = makeCertificate();
const encrypted = createPrivateKey(key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: SECRET })
  .toString();
const files = { '/k': key, '/c': cert, '/other': other.cert, '/locked': encrypted, '/junk': 'hello' };

describe('files of keys and certificates', () => {
  it('that fit are taken', () => {
    const argv = ['--ssl-key=/k', '--ssl-cert=/c', '--client-ssl-ca=/other', '--api-ssl-key=/k', '--api-ssl-cert=/c'];
    expect(load({ argv, files }).config).toMatchObject({ sslKey: '/k', sslCert: '/c', clientSslCa: '/other' });
  });

  it('that are missing are named with their key and path, all at once', () => {
    const yaml = 'ssl-key: /no-key\nssl-cert: /no-cert\nclient-ssl-ca: no-ca';
    expect(problemsOf(() => loadYaml(yaml))).toEqual([
      'signalbox.yaml:1:10: ssl-key: "/no-key" can\'t be read: there is no such file',
      'signalbox.yaml:2:11: ssl-cert: "/no-cert" can\'t be read: there is no such file',
      'signalbox.yaml:3:16: client-ssl-ca: "/cwd/no-ca" can\'t be read: there is no such file',
    ]);
  });

  it.each([
    [['--ssl-key=/k', '--ssl-cert=/other'], 'ssl-cert: "/other" is no certificate of the key in ssl-key'],
    [['--ssl-key=/junk', '--ssl-cert=/c'], 'ssl-key: "/junk" holds no private key that can be read (PEM)'],
    [['--ssl-key=/k', '--ssl-cert=/junk'], 'ssl-cert: "/junk" holds no certificate that can be read (PEM)'],
    [['--client-ssl-ca=/junk'], 'client-ssl-ca: "/junk" holds no certificate that can be read (PEM)'],
    [['--ssl-key=/locked', '--ssl-cert=/c'], 'ssl-key: "/locked" is encrypted: set SIGNALBOX_SSL_KEY_PASSPHRASE'],
    [
      ['--client-ssl-key=/locked', '--client-ssl-cert=/c'],
      'client-ssl-key: "/locked" is encrypted, and there is no variable for its passphrase',
    ],
  ])('%j are refused', (argv, message) => {
    expect(problemsOf(() => load({ argv, files })).join('\n')).toContain(message);
  });
});

describe('files that do not fit at the start of a daemon', () => {
  const fitted = (texts: object) => ({ '/state/certificates.json': JSON.stringify(texts) });
  const argv = ['--state-dir=/state', '--ssl-key=/k', '--ssl-cert=/c'];
  const halfRenewed = { '/k': key, '/c': other.cert };
  const refusal = '--ssl-cert: ssl-cert: "/c" is no certificate of the key in ssl-key';
  const start = (more: object, words: string[] = []) =>
    load({ argv: [...argv, ...words], files: { ...halfRenewed, ...more }, orLastGood: true });

  it('are told of, and those of the same paths that did fit are used', () => {
    const { config, warnings } = start(fitted({ '/k': key, '/c': cert }));
    expect(warnings).toEqual([`${refusal}; until it is mended the last certificates that fitted are used`]);
    expect([...config.certificates]).toEqual([
      ['/k', key],
      ['/c', cert],
    ]);
  });

  it.each([
    ['there are no others', {}],
    ['the others are of other paths', fitted({ '/k2': key, '/c2': cert })],
    ['the others do not fit', fitted({ '/k': other.key, '/c': cert })],
    ['the others are encrypted, and the passphrase is gone', fitted({ '/k': encrypted, '/c': cert })],
    ['the others can not be read', { '/state/certificates.json': '{"/k"' }],
  ])('are refused when %s', (_, more) => {
    expect(problemsOf(() => start(more))).toEqual([refusal]);
  });

  it('are refused where the API has them, too: it has no others', () => {
    const api = ['--api-ssl-key=/k', '--api-ssl-cert=/c'];
    expect(problemsOf(() => start(fitted({ '/k': key, '/c': cert }), api))).toEqual([
      refusal,
      '--api-ssl-cert: api-ssl-cert: "/c" is no certificate of the key in api-ssl-key',
    ]);
  });

  it('are refused by every other command', () => {
    const world = { argv, files: { ...halfRenewed, ...fitted({ '/k': key, '/c': cert }) } };
    expect(problemsOf(() => load(world))).toEqual([refusal]);
  });
});

describe('a passphrase', () => {
  const argv = ['--ssl-key=/locked', '--ssl-cert=/c', '--api-ssl-key=/locked', '--api-ssl-cert=/c'];

  it.each(['SIGNALBOX_', 'CONFIGPROXY_'])('comes from a variable of %s', (prefix) => {
    const env = { [`${prefix}SSL_KEY_PASSPHRASE`]: SECRET, [`${prefix}API_SSL_KEY_PASSPHRASE`]: SECRET };
    expect(load({ argv, files, env }).config).toMatchObject({ sslKeyPassphrase: SECRET, apiSslKeyPassphrase: SECRET });
  });

  it('of our own name counts more', () => {
    const env = { SIGNALBOX_SSL_KEY_PASSPHRASE: 'a', CONFIGPROXY_SSL_KEY_PASSPHRASE: 'b' };
    expect(load({ env }).config.sslKeyPassphrase).toBe('a');
  });

  it('that is wrong is never shown', () => {
    const env = { SIGNALBOX_SSL_KEY_PASSPHRASE: 'wrong-secret', SIGNALBOX_API_SSL_KEY_PASSPHRASE: SECRET };
    const attempt = () => load({ argv, files, env });
    expect(problemsOf(attempt)).toEqual([
      '--ssl-key: ssl-key: "/locked" is encrypted, and not with the passphrase that is given',
    ]);
    expect(attempt).toThrow(ConfigError);
    expect(attempt).not.toThrow(/wrong-secret/);
  });
});
