import type { Case, Group } from '../case.ts';
import { ADA, api, get, PAGE } from './make.ts';

const open = ['--ssl-key', '{public-key}', '--ssl-cert', '{public-cert}'];
const withClients = [...open, '--ssl-ca', '{client-cert}', '--ssl-request-cert'];
const apiOpen = ['--api-ssl-key', '{public-key}', '--api-ssl-cert', '{public-cert}'];
const apiWithClients = [
  ...apiOpen,
  '--api-ssl-ca',
  '{client-cert}',
  '--api-ssl-request-cert',
  '--api-ssl-reject-unauthorized',
];
const clientCa = ['--client-ssl-ca', '{authorities}'];
const ourCertificate = ['--client-ssl-key', '{proxy-key}', '--client-ssl-cert', '{proxy-cert}'];

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
      flags: open,
      routes: ADA,
      steps: [get('/user/ada/x')],
      expect: { status: 200, 'seen.headers.x-forwarded-proto': 'https', 'seen.headers.x-forwarded-port': '<public>' },
    },
    {
      name: 'public side, a Host without a port',
      flags: open,
      routes: ADA,
      steps: [get('/user/ada/x', { headers: [['Host', 'hub.example']] })],
      expect: { 'seen.headers.x-forwarded-port': '443', 'seen.headers.host': 'hub.example' },
    },
    {
      name: 'public side, websocket',
      flags: open,
      routes: ADA,
      steps: [{ ws: '/user/ada/ws', send: ['x'] }],
      expect: { messages: '["x"]', 'seen.headers.x-forwarded-proto': 'wss' },
    },
    {
      name: 'public side, versions',
      flags: open,
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
      flags: [...open, '--ssl-protocol', 'TLSv1_2'],
      routes: ADA,
      steps: [get('/user/ada', { tlsVersion: 'TLSv1.2' }), get('/user/ada', { tlsVersion: 'TLSv1.3' })],
      expect: { status: 200, '2:error': 'turned away' },
    },
    {
      name: 'a certificate that is trusted',
      flags: withClients,
      routes: ADA,
      steps: [get('/user/ada', { certificate: 'trusted' })],
      expect: { status: 200 },
    },
    {
      name: 'no certificate, or one of a stranger',
      flags: withClients,
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
      flags: apiOpen,
      routes: ADA,
      steps: [api('GET /api/routes/user/ada'), get('/user/ada')],
      expect: { status: 200, '2:status': 200 },
    },
    {
      name: 'API with client certificates',
      flags: apiWithClients,
      routes: ADA,
      steps: [
        { ...api('GET /api/routes/user/ada'), certificate: 'trusted' },
        api('GET /api/routes'),
        { ...api('GET /api/routes'), certificate: 'stranger' },
      ],
      expect: { status: 200, '2:error': 'turned away', '3:error': 'turned away' },
    },
    toTls('https backend, --client-ssl-ca with several authorities', '{tls}', clientCa, 200),
    {
      ...toTls('https backend by its address', '{tls-by-address}', clientCa, 200),
      fault: 'nginx compares a name with the DNS names of a certificate alone, never with its IP addresses.',
    },
    {
      name: 'https backend, websocket',
      flags: clientCa,
      routes: { '/a': '{tls}/base' },
      steps: [{ ws: '/a/ws', send: ['x'] }],
      expect: { messages: '["x"]', 'seen.url': '/base/a/ws' },
    },
    toTls('https backend that nobody vouches for', '{tls}', [], 503),
    toTls('https backend, another authority', '{tls}', ['--client-ssl-ca', '{stranger-cert}'], 503),
    toTls('https backend that asks for a certificate', '{mutual}', [...clientCa, ...ourCertificate], 200),
    toTls('https backend that asks for a certificate, without one', '{mutual}', clientCa, 503),
    toTls('an https target whose backend speaks http', 'https://127.0.0.1:{backend-port}', clientCa, 503),
    {
      name: '--insecure',
      flags: ['--insecure'],
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
