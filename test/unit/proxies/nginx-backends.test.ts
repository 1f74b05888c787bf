import { expect, test } from 'vitest';
import { backendsOf } from '../../../src/proxies/nginx/backends.ts';

test('routes by the address that nginx connects to, as `ss` prints it', async () => {
  const backends = await backendsOf([
    ['/a', 'http/127.0.0.1:9002'],
    ['/b', 'http/127.0.0.1:9002/base/?k=v'],
    ['/c', 'https/10.0.0.5:8443,hub/base'],
    ['/d', 'http/[::1]:80'],
    ['/e', 'unix/run/app.sock:/base'],
    ['/e2', 'http/[::1]:9003|127.0.0.1:9003,app/base'],
    ['/f', 'none'],
    ['/g', 'dead'],
    ['/h', 'https/127.0.0.1:9002'],
  ]);
  expect([...backends]).toEqual([
    ['127.0.0.1:9002', { keys: ['/a', '/b', '/h'], tls: true }],
    ['10.0.0.5:8443', { keys: ['/c'], tls: true }],
    ['[::1]:80', { keys: ['/d'], tls: false }],
    ['[::1]:9003', { keys: ['/e2'], tls: false }],
    ['127.0.0.1:9003', { keys: ['/e2'], tls: false }],
  ]);
});
