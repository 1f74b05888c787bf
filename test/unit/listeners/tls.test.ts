import { createPrivateKey } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../support/certificate.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { ask, log, startApi } from './listen.ts';

const dir = makeTempDir();
const [server, hub, stranger, renewed] = [
  makeCertificate(),
  makeCertificate('hub'),
  makeCertificate(),
  makeCertificate(),
];
const certificates = { server, hub, stranger };

function file(name: string, text: string): string {
  const path = join(dir, name);
  writeFileSync(path, text);
  return path;
}

const files = () => ({ apiSslKey: file('key', server.key), apiSslCert: file('cert', server.cert) });
const tls = { tls: true, ca: server.cert };

describe('TLS on the API', () => {
  it('works, from version 1.2 on', async () => {
    const { listener } = await startApi(files());
    expect(await ask(listener, tls)).toMatchObject({ status: 200 });
    expect(await ask(listener, { ...tls, maxVersion: 'TLSv1.2' })).toMatchObject({ status: 200 });
    const old = ask(listener, { ...tls, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' });
    await expect(old).rejects.toThrow(/alert protocol version|unsupported protocol/i);
    await expect(ask(listener)).rejects.toThrow();
  });

  it('can be held to one version', async () => {
    const { listener } = await startApi({ ...files(), sslProtocol: 'TLSv1.3' });
    expect(await ask(listener, tls)).toMatchObject({ status: 200 });
    await expect(ask(listener, { ...tls, maxVersion: 'TLSv1.2' })).rejects.toThrow();
  });

  it('works with an encrypted key', async () => {
    const passphrase = 'open sesame';
    const text = createPrivateKey(server.key).export({
      type: 'pkcs8',
      format: 'pem',
      cipher: 'aes-256-cbc',
      passphrase,
    });
    const { listener } = await startApi({
      ...files(),
      apiSslKey: file('locked', String(text)),
      apiSslKeyPassphrase: passphrase,
    });
    expect(await ask(listener, tls)).toMatchObject({ status: 200 });
  });

  it.each([
    ['server', true],
    ['hub', true],
    ['stranger', false],
    [undefined, false],
  ] as const)(
    'with client certificates from a file of two authorities: that of %s is taken: %s',
    async (who, taken) => {
      const { listener } = await startApi({
        ...files(),
        apiSslCa: file('ca', server.cert + hub.cert),
        apiSslRequestCert: true,
      });
      const asked = ask(listener, { ...tls, ...(who === undefined ? {} : certificates[who]) });
      if (taken) expect(await asked).toMatchObject({ status: 200 });
      else await expect(asked).rejects.toThrow();
    },
  );
});

it('a renewed certificate is taken up without a dropped connection', async () => {
  const { listener } = await startApi(files());
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: server.cert });
  expect(await ask(listener, { ...tls, agent })).toMatchObject({ status: 200 });

  file('key', renewed.key);
  listener.renew();
  expect(log.warn).toHaveBeenCalledExactlyOnceWith(expect.anything(), expect.stringContaining('the old one stays'));
  expect(await ask(listener, tls)).toMatchObject({ status: 200 });

  file('cert', renewed.cert);
  listener.renew();
  expect(await ask(listener, { tls: true, ca: renewed.cert })).toMatchObject({ status: 200 });
  await expect(ask(listener, tls)).rejects.toThrow(/self-signed|unable to verify/);
  expect(await ask(listener, { ...tls, agent })).toMatchObject({ status: 200 });
  agent.destroy();
});

it('a handshake that never ends does not hold up the end', async () => {
  const { listener } = await startApi(files());
  const { connect: connectPlain } = await import('node:net');
  const socket = connectPlain(listener.port ?? 0, '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  socket.resume();
  const started = Date.now();
  await listener.close(50);
  expect(Date.now() - started).toBeLessThan(1_000);
});

it('speaks HTTP/1.1 only', async () => {
  const { listener } = await startApi(files());
  const socket = connect({ port: listener.port ?? 0, ca: server.cert, ALPNProtocols: ['h2', 'http/1.1'] });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  expect(socket.alpnProtocol).toBe('http/1.1');
  socket.destroy();
});
