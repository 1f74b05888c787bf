import { expect, test } from 'vitest';
import { traefikRouterFormat } from '../../../src/activity/formats/traefik-router.ts';
import { type Hit, isSuccess, SWITCHING, UNROUTED } from '../../../src/activity/hit.ts';
import { RouterNames } from '../../../src/proxies/traefik/router-names.ts';

const names = new RouterNames('signalbox', ['public']);
const parse = traefikRouterFormat((router) => names.keyIn(names.routeIn(router) ?? ''));

const fields = {
  DownstreamContentSize: 5120,
  OriginDuration: 11_000_000,
  ServiceName: 'signalbox-to:http%3A//127.0.0.1%3A9001@file',
  DownstreamStatus: 200,
  Duration: 12_000_000,
  OriginStatus: 200,
  RequestContentSize: 0,
  RouterName: `signalbox-root@file -> ${names.route('/user/ada')}@file`,
  StartUTC: '2026-11-22T11:23:37.5Z',
};

function outcome(change: object, parseLine = parse) {
  const line = Buffer.from(`xx${JSON.stringify({ ...fields, ...change })}\nyy`);
  return parseLine(line, 2, line.length - 3);
}

function hit(change: object): Hit | undefined {
  const found = outcome(change);
  return found === UNROUTED ? undefined : found;
}

test('a line tells all of a request', () => {
  expect(hit({})).toEqual({
    time: Date.parse('2026-11-22T11:23:37.512Z'),
    key: '/user/ada',
    status: 200,
    complete: true,
    sentData: false,
    duration: 12,
    bytes: 5120,
    backendBytes: undefined,
    firstByte: 11,
    answered: true,
  });
});

test('the last router on the way is the one that served, whatever the name of its route', () => {
  for (const key of ['/', '/user/a@b -> c', '/user/"q\\', '/user/ø', '/a b/c\nd', '/route:x']) {
    expect(hit({ RouterName: `public-signalbox-root@file -> ${names.route(key)}@file` })?.key).toBe(key);
    expect(hit({ RouterName: `${names.route(key)}@file` })?.key).toBe(key);
  }
});

test('routers that are not of a route, and of others, tell of none', () => {
  for (const RouterName of ['signalbox-root@file', 'mine@file', 'web@docker', '', undefined]) {
    expect(outcome({ RouterName })).toBe(UNROUTED);
  }
});

test('a log that never names a router leaves the field out', () => {
  const fresh = traefikRouterFormat(() => undefined);
  const unnamed = () => outcome({ RouterName: undefined }, fresh);
  expect(unnamed()).toBe(UNROUTED);
  for (let count = 0; count < 200; count++) unnamed();
  expect(unnamed()).toBeUndefined();
  expect(outcome({ RouterName: 'shop@docker' }, fresh)).toBe(UNROUTED);
  expect(unnamed()).toBe(UNROUTED);
});

test('a websocket has no status in it', () => {
  expect(hit({ DownstreamStatus: 0, OriginStatus: 0 })).toMatchObject({ status: SWITCHING, sentData: false });
});

test('an answer that broke off is no success', () => {
  expect(isSuccess(hit({}) as Hit)).toBe(true);
  expect(isSuccess(hit({ OriginStatus: 0 }) as Hit)).toBe(false);
});

test('a body counts, and it shows when it broke off', () => {
  expect(hit({ RequestContentSize: 9, DownstreamStatus: 413, OriginStatus: 413 })).toMatchObject({
    sentData: true,
    complete: true,
  });
  for (const cut of [{ DownstreamStatus: 499 }, { DownstreamStatus: 500, DownstreamContentSize: 21 }]) {
    expect(hit({ RequestContentSize: 9, ...cut })).toMatchObject({ sentData: true, complete: false });
  }
});

const page = { ServiceName: 'signalbox-error-pages@file', OriginStatus: 503 };

test.each([
  ["a backend's own 503", { DownstreamStatus: 503, OriginStatus: 503 }, 11, true],
  ['a websocket', { DownstreamStatus: 0, OriginStatus: 0 }, undefined, true],
  ['an answer that broke off', { OriginStatus: 0, OriginDuration: 0 }, undefined, true],
  ['not reachable', { DownstreamStatus: 503, OriginStatus: 0 }, undefined, false],
  ['a target that is none', { DownstreamStatus: 500, OriginStatus: 0, DownstreamContentSize: 21 }, undefined, false],
  ['not reachable, and an error target', { DownstreamStatus: 503, ...page }, undefined, false],
  ['the same of an upload', { DownstreamStatus: 503, RequestContentSize: 9, ...page }, undefined, false],
  ['a client that left', { DownstreamStatus: 499, OriginStatus: 499 }, undefined, undefined],
  [
    'that or a 500 of Traefik',
    { DownstreamStatus: 500, OriginStatus: 500, DownstreamContentSize: 21 },
    undefined,
    undefined,
  ],
  ['an upload that broke off', { DownstreamStatus: 503, OriginStatus: 0, RequestContentSize: 9 }, undefined, undefined],
  [
    'the same with an error target',
    { DownstreamStatus: 503, DownstreamContentSize: 21, ...page },
    undefined,
    undefined,
  ],
  ["an operator's own 401", { DownstreamStatus: 401, OriginStatus: 0 }, undefined, undefined],
  [
    'a target whose name looks like an error page',
    { ServiceName: 'signalbox-to:http%3A//h/-error-pages@file' },
    11,
    true,
  ],
  ['without a duration', { OriginDuration: undefined }, undefined, true],
  ['without a status of the backend', { OriginStatus: undefined, DownstreamStatus: 503 }, undefined, undefined],
])('tells of the backend: %s', (_, change, firstByte, answered) => {
  expect(hit(change)).toMatchObject({ key: '/user/ada' });
  expect(hit(change)?.firstByte).toBe(firstByte);
  expect(hit(change)?.answered).toBe(answered);
});

test('what is no such line is none', () => {
  expect(hit({ DownstreamStatus: '200' })).toBeUndefined();
  expect(hit({ StartUTC: 'x' })).toBeUndefined();
  expect(parse(Buffer.from('garbage'), 0, 7)).toBeUndefined();
});
