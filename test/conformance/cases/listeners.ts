import type { Group } from '../case.ts';
import { ADA, api, get, listener } from './make.ts';

const open = ['--ssl-key', '{public-key}', '--ssl-cert', '{public-cert}'];
const redirect = [...open, '--redirect-port', '{redirect-port}'];
const metrics = ['--metrics-ip', '127.0.0.1', '--metrics-port', '{metrics-port}'];

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
      flags: redirect,
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
      flags: redirect,
      steps: [{ to: 'redirect', request: 'POST /x', body: 'y', headers: [['Host', 'h']] }],
      compare: ['status', 'headers.location'],
      expect: { status: 301, 'headers.location': 'https://h:<public>/x' },
    },
    {
      name: 'redirect port without a Host',
      flags: redirect,
      steps: [{ to: 'redirect', raw: 'GET / HTTP/1.0\r\n\r\n' }],
      compare: ['status'],
      expect: { status: 400 },
    },
    {
      name: '--redirect-to',
      flags: [...redirect, '--redirect-to', '8443'],
      steps: [{ ...listener('redirect', '/x'), headers: [['Host', 'hub.example:80']] }],
      compare: ['status', 'headers.location'],
      expect: { status: 301, 'headers.location': 'https://hub.example:8443/x' },
    },
    {
      name: '--redirect-to 443',
      flags: [...redirect, '--redirect-to', '443'],
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
      flags: metrics,
      routes: ADA,
      steps: [get('/user/ada'), get('/nobody'), api('GET /api/routes'), listener('metrics', '/metrics')],
      compare: ['status'],
      expect: {
        '4:status': 200,
        '4:headers.content-type': /^text\/plain/,
      },
    },
    {
      name: 'metrics: another path',
      flags: metrics,
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
