import type { FastifyRequest } from 'fastify';
import { describe, expect, test } from 'vitest';
import { isHttps, isOurHost, isOurs } from '../../../src/dashboard/origin.ts';

const from = (headers: Record<string, string>) => ({ headers }) as unknown as FastifyRequest;
const PUBLIC = new URL('https://ops.example/signalbox/');

describe('a request that changes something', () => {
  test.each([
    [{ host: 'hub.example', origin: 'https://hub.example' }, true],
    [{ host: 'Hub.example:8000', origin: 'http://hub.example:8000', 'sec-fetch-site': 'same-origin' }, true],
    [{ host: '127.0.0.1:8002', origin: 'https://ops.example' }, true],
    [{ host: 'hub.example', origin: 'https://hub.example:444' }, false],
    [{ host: 'hub.example', origin: 'https://evil.example' }, false],
    [{ host: 'hub.example', origin: 'null' }, false],
    [{ host: 'hub.example' }, false],
    [{ origin: 'https://evil.example' }, false],
    [{ host: 'hub.example', origin: 'https://hub.example', 'sec-fetch-site': 'cross-site' }, false],
    [{ host: 'hub.example', origin: 'https://hub.example', 'sec-fetch-site': 'same-site' }, false],
    [{ host: 'hub.example', origin: 'https://hub.example', 'sec-fetch-site': 'none' }, false],
  ])('%j is of our own page: %j', (headers, wanted) => {
    expect(isOurs(from(headers), PUBLIC)).toBe(wanted);
  });
});

describe('a Host header', () => {
  test.each([
    ['127.0.0.1:8002', true],
    ['127.1.2.3', true],
    ['localhost:8002', true],
    ['LOCALHOST', true],
    ['[::1]:8002', true],
    ['ops.example', true],
    ['OPS.example', true],
    ['ops.example:8443', false],
    ['rebound.example:8002', false],
    ['127.0.0.1.evil.example', false],
    ['localhost.evil.example', false],
    ['evil.example#127.0.0.1', false],
    ['evil.example/127.0.0.1', false],
    ['127.0.0.1@evil.example', false],
    ['evil@127.0.0.1', false],
    ['', false],
    [undefined, false],
  ])('%j is ours: %j', (host, wanted) => {
    expect(isOurHost(host, ['loopback'], PUBLIC)).toBe(wanted);
  });

  test('of an address that it listens on', () => {
    expect(isOurHost('10.0.0.5:8002', ['10.0.0.5'], undefined)).toBe(true);
    expect(isOurHost('127.0.0.1:8002', ['10.0.0.5'], undefined)).toBe(false);
  });
});

test('whether browsers use https is known, or said by the proxies of each request', () => {
  const said = (proto?: string) => from(proto === undefined ? {} : { 'x-forwarded-proto': proto });
  expect(isHttps(said('http'), true)).toBe(true);
  expect(isHttps(said('https'), false)).toBe(false);
  expect(isHttps(said(), undefined)).toBe(false);
  expect(isHttps(said('http'), undefined)).toBe(false);
  expect(isHttps(said('https'), undefined)).toBe(true);
  // Of a proxy in front of ours, which speaks plain HTTP with it.
  expect(isHttps(said('https,http'), undefined)).toBe(true);
});
