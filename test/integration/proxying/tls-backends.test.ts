import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { headerOf } from '../../support/http-response.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { describeCombinationsOnce } from './combinations.ts';

// All of these have the addresses 127.0.0.1 and ::1 among their alternative names, too.
const certificates = {
  localhost: makeCertificate(),
  elsewhere: makeCertificate('elsewhere.example', ['elsewhere.example']),
  addressAsName: makeCertificate('a server', ['127.0.0.1', '::1']),
  addressAsCommonName: makeCertificate('127.0.0.1', []),
};
const authorities = join(makeTempDir(), 'ca.pem');
writeFileSync(
  authorities,
  Object.values(certificates)
    .map(({ cert }) => cert)
    .join('\n'),
  { mode: 0o644 },
);

describeCombinationsOnce((proxy) => {
  const { start, differs, otherwise } = proxy;
  let backend: Backend;
  let stranger: Backend;
  const untrusted = otherwise('untrusted-backends') ? 500 : 503;

  beforeAll(async () => {
    backend = await startBackend({ name: 'trusted', tls: certificates.localhost });
    stranger = await startBackend({ name: 'stranger', tls: makeCertificate() });
  });

  describe('with --client-ssl-ca', () => {
    let box: Signalbox;

    beforeAll(async () => {
      const { elsewhere, addressAsName, addressAsCommonName } = certificates;
      const byName = await startBackend({ tls: addressAsName });
      const byCommonName = await startBackend({ tls: addressAsCommonName });
      const backend6 = await startBackend({ host: '::1', tls: certificates.localhost });
      const routes = {
        '/name': `https://localhost:${backend.port}/base`,
        '/stranger': `https://localhost:${stranger.port}`,
        '/wrong-name': `https://localhost:${(await startBackend({ tls: elsewhere })).port}`,
        '/no-tls': `https://localhost:${(await startBackend()).port}`,
        '/address': `https://127.0.0.1:${backend.port}`,
        '/address-as-name': `https://127.0.0.1:${byName.port}`,
        '/address-6': `https://[::1]:${backend6.port}`,
        '/address-as-common-name': `https://127.0.0.1:${byCommonName.port}`,
      };
      box = await start(routes, '--client-ssl-ca', authorities);
    });

    test('a backend whose certificate is vouched for and has the name of the target is served', async () => {
      const answer = await box.get('/name/x?q', [['Host', 'hub.example']]);
      expect(answer.status).toBe(200);
      expect(answer.json()).toMatchObject({ backend: 'trusted', url: '/base/name/x?q' });
      const { headers } = answer.json<{ headers: [string, string][] }>();
      expect(headerOf(headers, 'Host')).toBe('hub.example');
      expect(headerOf(headers, 'X-Forwarded-Proto')).toBe('http');
    });

    test('bodies pass', async () => {
      const body = Buffer.alloc(1_000_000, 'x');
      const answer = await rawRequest({ port: box.port, method: 'POST', target: '/name/upload', body });
      expect(answer.json()).toMatchObject({ bytes: body.length });
      expect((await box.get('/name/bytes/1000000')).body).toHaveLength(1_000_000);
    });

    test.each([
      ['a certificate that nobody vouches for', '/stranger'],
      ['a certificate for another name', '/wrong-name'],
      ['no TLS', '/no-tls'],
    ])('a backend with %s is not asked: 503, with Traefik 500', async (_, target) => {
      expect((await box.get(target)).status).toBe(untrusted);
    });

    // nginx (ngx_ssl_check_host) looks for names alone, never for addresses.
    test.each([
      ['an IPv4 address', '/address'],
      ['an IPv6 address', '/address-6'],
    ])('a loopback target by %s has to be vouched for as localhost', async (_, target) => {
      expect((await box.get(target)).status).toBe(200);
    });

    for (const [where, target] of [
      ['as DNS name', '/address-as-name'],
      ['as common name', '/address-as-common-name'],
    ] as const) {
      const name = `unlike with CHP a certificate for the loopback address alone, even ${where}, gets 503`;
      differs('addresses-in-certificates')(name, async () => {
        expect((await box.get(target)).status).toBe(503);
      });
    }
  });

  test('without it a backend with a self-signed certificate is not asked', async () => {
    const box = await start({ '/name': `https://localhost:${backend.port}` });
    expect((await box.get('/name')).status).toBe(untrusted);
  });

  // nginx has not read the authorities before.
  test('the first https route that comes is served once it is there, by an authority of Node too', async () => {
    const plain = await startBackend();
    const box = await startSignalbox({ proxy, env: { NODE_EXTRA_CA_CERTS: authorities } });
    const add = async (key: string, target: string) =>
      expect((await box.api('POST', `/api/routes${key}`, { target })).status).toBe(201);
    await add('/plain', plain.url);
    await add('/name', `https://localhost:${backend.port}`);
    await add('/stranger', `https://localhost:${stranger.port}`);
    expect((await box.get('/plain')).status).toBe(200);
    expect((await box.get('/name')).status).toBe(200);
    expect((await box.get('/stranger')).status).toBe(untrusted);
  });

  test('with --insecure any certificate will do', async () => {
    const stranger6 = await startBackend({ name: 'stranger', host: '::1', tls: makeCertificate() });
    const box = await start({ '/4': `https://127.0.0.1:${stranger.port}`, '/6': stranger6.url }, '--insecure');
    expect((await box.get('/4')).header('X-Backend')).toBe('stranger');
    expect((await box.get('/6')).header('X-Backend')).toBe('stranger');
  });
});
