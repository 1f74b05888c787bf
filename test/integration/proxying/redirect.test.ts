import { beforeAll, expect, test } from 'vitest';
import { freePort } from '../../support/ports.ts';
import { rawRequest, sendRaw } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { tlsFlags } from '../boundaries/tls-flags.ts';
import { describeCombinations } from './combinations.ts';

describeCombinations(({ start, otherwise }) => {
  let port: number;
  let box: Signalbox;

  beforeAll(async () => {
    port = await freePort();
    box = await start({}, ...tlsFlags(), '--redirect', `127.0.0.1:${port}`);
  });

  test.each([
    ['hub.example', 'hub.example'],
    ['hub.example:80', 'hub.example'],
    ['hub.example:8000', 'hub.example'],
    ['under_score.example:80', 'under_score.example'],
    ['127.0.0.1:8000', '127.0.0.1'],
    ['[::1]', '[::1]'],
    ['[::1]:8000', '[::1]'],
    ['[2001:db8::7:1]:80', '[2001:db8::7:1]'],
  ])('Host: %s is led to https on %s, path and query as they are', async (host, name) => {
    const target = '/user/ada/a%2Fb%20c/%C3%BC?next=/x%3F&a=b;c';
    for (const method of ['GET', 'HEAD', 'POST']) {
      const answer = await rawRequest({ port, target, method, headers: [['Host', host]] });
      expect([method, answer.status]).toEqual([method, method !== 'GET' && otherwise('redirect-status') ? 308 : 301]);
      expect(answer.header('Location')).toBe(`https://${name}:${box.port}${target}`);
    }
  });

  test('the log says so in the words of configurable-http-proxy', () => {
    expect(box.logs()).toContain(`Added HTTP to HTTPS redirection from ${port} to ${box.port}`);
  });

  test('an absolute URI is led to its own host', async () => {
    const answer = await sendRaw('GET http://other.example:81/x HTTP/1.1\r\nHost: hub.example\r\n\r\n', { port });
    expect([answer.status, answer.header('Location')]).toEqual([301, `https://other.example:${box.port}/x`]);
  });

  test.each([
    ['no Host', 'GET /x HTTP/1.0\r\n\r\n'],
    ['a Host that is none', 'GET /x HTTP/1.1\r\nHost: a:b\r\n\r\n'],
    ['half an address', 'GET /x HTTP/1.1\r\nHost: [::1\r\n\r\n'],
  ])('%s is 400', async (_, bytes) => {
    expect((await sendRaw(bytes, { port })).status).toBe(400);
  });
});
