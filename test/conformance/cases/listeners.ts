import type { Group } from '../case.ts';
import { BACKEND_CA, CLIENT_CERTIFICATES, TLS, TLS_1_2 } from './flags.ts';
import { ADA, api, get, listener } from './make.ts';

export const listenerGroup: Group = {
  title: 'Listeners',
  cases: [
    {
      name: 'health check, whatever the routes',
      routes: { '/': '{backend}' },
      steps: [get('/_chp_healthz'), { request: 'POST /_chp_healthz', body: 'x' }],
      compare: ['status', 'headers.content-type', 'body', 'seen.count'],
      expect: { status: 200, body: '{"status":"OK"}', 'headers.content-type': 'application/json', 'seen.count': 0 },
    },
    {
      name: 'health check: only exactly that',
      routes: { '/': '{backend}' },
      steps: [get('/_chp_healthz/'), get('/_chp_health'), get('//_chp_healthz')],
      compare: ['status', 'seen.count'],
      expect: { 'seen.count': 1, '2:seen.count': 1, '3:seen.count': 1 },
    },
    {
      name: 'health check with a query',
      routes: { '/': '{backend}' },
      steps: [get('/_chp_healthz?x')],
      compare: ['status'],
      expect: { status: 200 },
      difference: {
        chp: { 'seen.count': 1, body: 'hello from backend' },
        signalbox: { 'seen.count': 0, body: '{"status":"OK"}' },
        why: 'A load balancer may add a query; for configurable-http-proxy that is a path of the route.',
      },
    },
    {
      name: 'redirect port',
      flags: TLS,
      steps: [
        { ...listener('redirect', '/user/ada?x=%20&y'), headers: [['Host', 'hub.example:80']] },
        { ...listener('redirect', '/'), headers: [['Host', 'hub.example']] },
      ],
      compare: ['status', 'headers.location'],
      expect: {
        status: 301,
        'headers.location': 'https://hub.example:<public>/user/ada?x=%20&y',
        '2:headers.location': 'https://hub.example:<public>/',
      },
    },
    {
      name: 'redirect port, other methods',
      flags: TLS,
      steps: [{ to: 'redirect', request: 'POST /x', body: 'y', headers: [['Host', 'h']] }],
      compare: ['status', 'headers.location'],
      expect: { status: 301, 'headers.location': 'https://h:<public>/x' },
    },
    {
      name: 'redirect port without a Host',
      flags: TLS,
      steps: [{ to: 'redirect', raw: 'GET / HTTP/1.0\r\n\r\n' }],
      compare: ['status'],
      expect: { status: 400 },
    },
    {
      name: '--redirect-to',
      flags: CLIENT_CERTIFICATES,
      steps: [{ ...listener('redirect', '/x'), headers: [['Host', 'hub.example:80']] }],
      compare: ['status', 'headers.location'],
      expect: { status: 301, 'headers.location': 'https://hub.example:8443/x' },
    },
    {
      name: '--redirect-to 443',
      flags: TLS_1_2,
      steps: [{ ...listener('redirect', '/x'), headers: [['Host', 'hub.example:80']] }],
      compare: ['status'],
      expect: { status: 301 },
      difference: {
        chp: { 'headers.location': 'https://hub.example:443/x' },
        signalbox: { 'headers.location': 'https://hub.example/x' },
        why: 'configurable-http-proxy compares the text of the flag with a number, and so never leaves the port of https away.',
      },
    },
    {
      name: 'metrics: the names of configurable-http-proxy',
      flags: BACKEND_CA,
      routes: ADA,
      steps: [get('/user/ada'), get('/nobody'), api('GET /api/routes'), listener('metrics', '/metrics')],
      compare: ['status', 'metrics'],
      expect: {
        '4:status': 200,
        '4:headers.content-type': /^text\/plain/,
      },
      difference: {
        chp: {
          '4:metrics':
            'api_route_add counter, api_route_delete counter, api_route_get counter, find_target_for_req summary, ' +
            'last_activity_updating summary, requests_api counter, requests_proxy counter, requests_web counter, ' +
            'requests_ws counter',
        },
        signalbox: {
          '4:metrics':
            'api_route_add counter, api_route_delete counter, api_route_get counter, requests_api counter, ' +
            'requests_proxy counter, requests_web counter, requests_ws counter',
        },
        why:
          'find_target_for_req and last_activity_updating are times that configurable-http-proxy takes in the path of a ' +
          'request, where Signalbox is not. signalbox_apply_seconds is the nearest relative.',
      },
    },
    {
      name: 'metrics: another path',
      flags: BACKEND_CA,
      steps: [listener('metrics', '/')],
      compare: ['status'],
      expect: { status: 404 },
    },
    {
      name: 'a unix socket on the public side',
      flags: ['--socket', '{state}/public.sock'],
      routes: ADA,
      steps: [get('/user/ada/x', { headers: [['Host', 'h']] })],
      compare: ['status', 'body', 'seen.url', 'seen.headers.host', 'seen.headers.x-forwarded-proto'],
      expect: { status: 200, 'seen.headers.host': 'h' },
    },
  ],
};
