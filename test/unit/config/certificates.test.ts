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
