import type { Case, Group } from '../case.ts';
import { BACKEND_CA, BACKEND_CERTIFICATE, CHANGE_ORIGIN, CLIENT_CERTIFICATES, TLS, TLS_1_2 } from './flags.ts';
import { ADA, API_FIELDS, api, get, PAGE } from './make.ts';

const toTls = (name: string, route: string, flags: readonly string[], status: number): Case => ({
  name,
  flags,
  routes: { '/a': route },
  steps: [get('/a/x')],
  ...(status === 200
    ? { expect: { status, 'seen.count': 1 } }
    : { compare: PAGE, expect: { status, 'seen.count': 0 } }),
});

export const tlsGroup: Group = {
  title: 'TLS',
  cases: [
    {
      name: 'public side',
      flags: TLS,
      routes: ADA,
      steps: [get('/user/ada/x')],
      expect: { status: 200, 'seen.headers.x-forwarded-proto': 'https', 'seen.headers.x-forwarded-port': '<public>' },
    },
    {
      name: 'public side, a Host without a port',
      flags: TLS,
      routes: ADA,
      steps: [get('/user/ada/x', { headers: [['Host', 'hub.example']] })],
      expect: { 'seen.headers.x-forwarded-port': '443', 'seen.headers.host': 'hub.example' },
    },
    {
      name: 'public side, websocket',
      flags: TLS,
      routes: ADA,
      steps: [{ ws: '/user/ada/ws', send: ['x'] }],
      expect: { messages: '["x"]', 'seen.headers.x-forwarded-proto': 'wss' },
    },
    {
      name: 'public side, versions',
      flags: TLS,
      routes: ADA,
      steps: [
        get('/user/ada', { tlsVersion: 'TLSv1.2' }),
        get('/user/ada', { tlsVersion: 'TLSv1.3' }),
        get('/user/ada', { tlsVersion: 'TLSv1.1' }),
      ],
      expect: { status: 200, '2:status': 200, '3:error': 'turned away' },
    },
    {
      name: '--ssl-protocol TLSv1_2',
      flags: TLS_1_2,
      routes: ADA,
      steps: [get('/user/ada', { tlsVersion: 'TLSv1.2' }), get('/user/ada', { tlsVersion: 'TLSv1.3' })],
      expect: { status: 200, '2:error': 'turned away' },
    },
    {
      name: 'a certificate that is trusted',
      flags: CLIENT_CERTIFICATES,
      routes: ADA,
      steps: [get('/user/ada', { certificate: 'trusted' })],
      expect: { status: 200 },
    },
    {
      name: 'no certificate, or one of a stranger',
      flags: CLIENT_CERTIFICATES,
      routes: ADA,
      steps: [get('/user/ada'), get('/user/ada', { certificate: 'stranger' })],
      compare: ['seen.count'],
      expect: { 'seen.count': 0, '2:seen.count': 0 },
      difference: {
        chp: { error: 'turned away', status: null, '2:error': 'turned away', '2:status': null },
        signalbox: { error: null, status: 400, '2:error': null, '2:status': 400 },
        why: 'configurable-http-proxy breaks the handshake off. nginx ends it and answers 400 with the reason; nothing reaches a backend either way.',
      },
    },
    {
      name: 'API',
      flags: TLS,
      routes: ADA,
      steps: [api('GET /api/routes/user/ada'), get('/user/ada')],
      compare: API_FIELDS,
      expect: { status: 200, '2:status': 200 },
    },
    {
      name: 'API with client certificates',
      flags: CLIENT_CERTIFICATES,
      routes: ADA,
      steps: [
        { ...api('GET /api/routes/user/ada'), certificate: 'trusted' },
        api('GET /api/routes'),
        { ...api('GET /api/routes'), certificate: 'stranger' },
      ],
      compare: API_FIELDS,
      expect: { status: 200, '2:error': 'turned away', '3:error': 'turned away' },
    },
    toTls('https backend, --client-ssl-ca with several authorities', '{tls}', BACKEND_CA, 200),
    toTls('https backend by its address', '{tls-by-address}', BACKEND_CA, 200),
    {
      name: 'https backend, websocket',
      flags: BACKEND_CA,
      routes: { '/a': '{tls}/base' },
      steps: [{ ws: '/a/ws', send: ['x'] }],
      expect: { messages: '["x"]', 'seen.url': '/base/a/ws' },
    },
    toTls('https backend that nobody vouches for', '{tls}', [], 503),
    toTls('https backend, another authority', '{tls}', TLS_1_2, 503),
    toTls('https backend that asks for a certificate', '{mutual}', BACKEND_CERTIFICATE, 200),
    toTls('https backend that asks for a certificate, without one', '{mutual}', BACKEND_CA, 503),
    toTls('an https target whose backend speaks http', 'https://127.0.0.1:{backend-port}', BACKEND_CA, 503),
    {
      name: '--insecure',
      flags: CHANGE_ORIGIN,
      routes: { '/a': '{tls}' },
      steps: [get('/a')],
      compare: ['complete'],
      difference: {
        chp: { status: 503 },
        signalbox: { status: 200 },
        why: 'The flag has no effect in configurable-http-proxy, which sets the check again for each target. In Signalbox it does what it says.',
      },
    },
  ],
};
