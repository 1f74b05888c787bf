import type { HeaderPairs } from '../../support/http-response.ts';
import type { Case, Expected, Group } from '../case.ts';
import { CHANGE_ORIGIN, CUSTOM_HEADERS, CUSTOM_HOST, NO_X_FORWARD } from './flags.ts';
import { ADA, get } from './make.ts';

const path = '/user/ada/x';
type More = Partial<Case> & { host?: string };

/** What becomes of a request's headers on their way to the backend. */
function sent(name: string, headers: HeaderPairs, expect: Expected, more: Partial<Case> = {}): Case {
  return { name, routes: ADA, steps: [get(path, { headers })], expect: { status: 200, ...expect }, ...more };
}

/** What becomes of an answer's headers on their way to the client. */
function answered(
  name: string,
  headers: HeaderPairs,
  expect: Expected,
  more: More & { status?: number; reason?: string } = {},
): Case {
  const { status = 200, reason, host, ...rest } = more;
  return {
    name,
    routes: ADA,
    steps: [
      get(path, {
        ...(host ? { headers: [['Host', host]] } : {}),
        answer: { status, headers, ...(reason === undefined ? {} : { reason }) },
      }),
    ],
    expect: { status, ...expect },
    ...rest,
  };
}

const forwarded = (name: string) => `seen.headers.x-forwarded-${name}`;

const toBackend: readonly Case[] = [
  sent('X-Forwarded-* without any', [], {
    'seen.headers.host': '<public>'.replace('<public>', '127.0.0.1:<public>'),
    [forwarded('for')]: '127.0.0.1',
    [forwarded('port')]: '<public>',
    [forwarded('proto')]: 'http',
    [forwarded('host')]: '127.0.0.1:<public>',
  }),
  sent(
    'X-Forwarded-* are appended to',
    [
      ['X-Forwarded-For', '10.1.2.3'],
      ['X-Forwarded-Port', '443'],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Host', 'hub.example'],
    ],
    {
      [forwarded('for')]: '10.1.2.3,127.0.0.1',
      [forwarded('port')]: '443,<public>',
      [forwarded('proto')]: 'https,http',
      [forwarded('host')]: 'hub.example',
    },
  ),
  sent('X-Forwarded-For of several proxies', [['X-Forwarded-For', '10.1.2.3, 10.4.5.6']], {
    [forwarded('for')]: '10.1.2.3, 10.4.5.6,127.0.0.1',
  }),
  sent(
    'X-Forwarded-For twice',
    [
      ['X-Forwarded-For', '10.1.2.3'],
      ['X-Forwarded-For', '10.4.5.6'],
    ],
    { [forwarded('for')]: '10.1.2.3, 10.4.5.6,127.0.0.1' },
  ),
  sent('a Host without a port', [['Host', 'hub.example']], {
    'seen.headers.host': 'hub.example',
    [forwarded('host')]: 'hub.example',
    [forwarded('port')]: '80',
  }),
  sent(
    '--no-x-forward',
    [],
    { [forwarded('for')]: null, [forwarded('host')]: null, 'seen.headers.host': /127/ },
    { flags: NO_X_FORWARD },
  ),
  sent(
    '--no-x-forward leaves those that came',
    [['X-Forwarded-For', '10.1.2.3']],
    { [forwarded('for')]: '10.1.2.3', [forwarded('proto')]: null },
    { flags: NO_X_FORWARD },
  ),
  sent(
    '--change-origin',
    [['Host', 'hub.example:80']],
    { 'seen.headers.host': '127.0.0.1:<backend>', [forwarded('host')]: 'hub.example:80' },
    { flags: CHANGE_ORIGIN },
  ),
  sent(
    '--custom-header, several',
    [['X-Two', 'from the client']],
    { 'seen.headers.x-one': '1', 'seen.headers.x-two': 'a: b' },
    { flags: CUSTOM_HEADERS },
  ),
  sent(
    '--custom-header with what nginx would evaluate',
    [],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the same
    { 'seen.headers.x-odd': '$uri "${host}" \\ ; {}' },
    { flags: CUSTOM_HEADERS },
  ),
  sent('--custom-header Host', [], { 'seen.headers.host': 'other.example' }, { flags: CUSTOM_HOST }),
  sent(
    'ordinary headers pass',
    [
      ['Accept', 'text/html, */*;q=0.5'],
      ['Cookie', 'a=1; b="2"'],
      ['X-Empty', ''],
      ['X_Under.Score!', 'kept'],
      ['Authorization', 'token abc'],
      ['If-None-Match', 'W/"x"'],
      ['Range', 'bytes=0-3'],
      ['User-Agent', 'conformance'],
      ['Accept-Encoding', 'gzip, br'],
    ],
    { 'seen.headers.x-empty': '', 'seen.headers.x_under.score!': 'kept', 'seen.headers.range': 'bytes=0-3' },
  ),
  sent('a header of bytes beyond ASCII', [['X-Latin', 'gr\u00fc\u00df']], { 'seen.headers.x-latin': 'grüß' }),
  sent(
    'a header twice',
    [
      ['X-Twice', 'one'],
      ['X-Twice', 'two'],
    ],
    { 'seen.headers.x-twice': 'one, two' },
  ),
  sent(
    'cookies in two headers',
    [
      ['Cookie', 'a=1'],
      ['Cookie', 'b=2'],
    ],
    {},
    {
      difference: {
        chp: { 'seen.headers.cookie': 'a=1; b=2' },
        signalbox: { 'seen.headers.cookie': 'a=1, b=2' },
        why: 'nginx leaves two headers two (shown here with a comma between), configurable-http-proxy makes one of them. No browser sends two over HTTP/1.1 (RFC 6265 section 5.4).',
      },
    },
  ),
  sent(
    'hop-by-hop headers',
    [
      ['TE', 'trailers'],
      ['Trailer', 'X-End'],
      ['Proxy-Authorization', 'Basic x'],
      ['Keep-Alive', 'timeout=5'],
    ],
    { 'seen.headers.trailer': null, 'seen.headers.proxy-authorization': 'Basic x' },
    {
      difference: {
        chp: { 'seen.headers.te': 'trailers', 'seen.headers.keep-alive': 'timeout=5' },
        signalbox: { 'seen.headers.te': null, 'seen.headers.keep-alive': null },
        why: 'These belong to the connection of the client and are not to be passed on (RFC 9110 section 7.6.1).',
      },
    },
  ),
  sent('a header of 15,000 bytes', [['X-Long', 'l'.repeat(15_000)]], { 'seen.headers.x-long': 'l'.repeat(15_000) }),
  {
    name: 'over 16 KB of headers',
    routes: ADA,
    steps: [get(path, { headers: [['X-Long', 'l'.repeat(20_000)]] })],
    compare: ['complete'],
    difference: {
      chp: { status: 431 },
      signalbox: { status: 200 },
      why: 'nginx has room for 64 KiB of headers, configurable-http-proxy for the 16 KB of Node.',
    },
  },
];

const toClient: readonly Case[] = [
  answered('status and reason', [], { reason: 'As You Like' }, { status: 299, reason: 'As You Like' }),
  answered('an odd status', [], { reason: "I'm a Teapot" }, { status: 418 }),
  answered(
    'each Set-Cookie',
    [
      ['Set-Cookie', 'a=1; Path=/; HttpOnly'],
      ['Set-Cookie', 'b=2; Domain=x.example; SameSite=Lax'],
    ],
    { 'headers.set-cookie': 'a=1; Path=/; HttpOnly, b=2; Domain=x.example; SameSite=Lax' },
  ),
  answered(
    'ordinary headers of an answer pass',
    [
      ['Content-Type', 'text/html; charset=utf-8'],
      ['Cache-Control', 'no-store'],
      ['ETag', '"x"'],
      ['Vary', 'Cookie'],
      ['X-Twice', 'one'],
      ['X-Twice', 'two'],
      ['Content-Security-Policy', "frame-ancestors 'self'"],
      ['Access-Control-Allow-Origin', '*'],
      ['Last-Modified', 'Thu, 01 Jan 2026 00:00:00 GMT'],
      ['Expires', '0'],
    ],
    { 'headers.x-twice': 'one, two', 'headers.etag': '"x"' },
  ),
  answered(
    'Server and Date of the backend pass',
    [
      ['Server', 'TornadoServer/6.4'],
      ['Date', 'Thu, 01 Jan 2026 00:00:00 GMT'],
    ],
    { 'headers.server': 'TornadoServer/6.4', 'headers.date': 'Thu, 01 Jan 2026 00:00:00 GMT' },
  ),
  {
    name: 'the name of the server on pages of its own',
    steps: [get('/nobody')],
    compare: ['status'],
    expect: { status: 404 },
    difference: {
      chp: { 'headers.server': null },
      signalbox: { 'headers.server': 'nginx' },
      why: 'nginx says its name, without its version.',
    },
  },
  answered(
    'headers that would steer nginx',
    [
      ['X-Accel-Redirect', '/etc/passwd'],
      ['X-Accel-Buffering', 'no'],
      ['X-Accel-Expires', '0'],
      ['X-Accel-Charset', 'koi8-r'],
      ['X-Accel-Limit-Rate', '1'],
    ],
    { 'headers.x-accel-redirect': '/etc/passwd', body: 'hello from backend' },
  ),
  answered('a backend without a name gets none', [], { 'headers.server': null }),
  answered('Content-Encoding passes', [['Content-Encoding', 'gzip']], { 'headers.content-encoding': 'gzip' }),
  answered('an answer with a header of bytes beyond ASCII', [['X-Latin', 'gr\u00fc\u00df']], {
    'headers.x-latin': 'gr\u00fc\u00df',
  }),
  answered('an answer with 12,000 bytes of headers', [['X-Long', 'l'.repeat(12_000)]], {
    'headers.x-long': /^l{12000}$/,
  }),
  {
    ...answered('an answer with over 16 KB of headers', [['X-Long', 'l'.repeat(20_000)]], {}),
    expect: {},
    compare: ['seen.url'],
    difference: {
      chp: { status: 503 },
      signalbox: { status: 200 },
      why: 'nginx has room for 64 KiB of headers, configurable-http-proxy for the 16 KB of Node.',
    },
  },
];

const location = (value: string): HeaderPairs => [['Location', value]];
const at = (value: string | RegExp) => ({ 'headers.location': value });
const auto = { flags: ['--auto-rewrite'], host: 'hub.example:99' };
const scheme = { flags: NO_X_FORWARD };

/** A status whose Location configurable-http-proxy does not rewrite. */
function anyStatus(status: number): Case {
  return {
    ...answered(`--auto-rewrite, ${status}`, location('{backend}/x'), {}, { ...auto, status }),
    difference: {
      chp: { 'headers.location': 'http://127.0.0.1:<backend>/x' },
      signalbox: { 'headers.location': 'http://hub.example:99/x' },
      why: 'configurable-http-proxy rewrites Location with 201, 301, 302, 307 and 308. nginx does so with any status: 303 is a redirect, too.',
    },
  };
}

const redirects: readonly Case[] = [
  answered('Location passes', location('http://127.0.0.1:{backend-port}/x'), at('http://127.0.0.1:<backend>/x'), {
    status: 302,
  }),
  answered('a relative Location passes', location('../x?y'), at('../x?y'), { status: 303 }),
  answered('--auto-rewrite', location('{backend}/x?y#z'), at('http://hub.example:99/x?y#z'), { ...auto, status: 302 }),
  answered('--auto-rewrite, 201', location('{backend}/x'), at('http://hub.example:99/x'), { ...auto, status: 201 }),
  answered('--auto-rewrite, 308', location('{backend}/x'), at('http://hub.example:99/x'), { ...auto, status: 308 }),
  anyStatus(303),
  anyStatus(200),
  answered('--auto-rewrite leaves other hosts', location('http://a.example/x'), at('http://a.example/x'), {
    ...auto,
    status: 302,
  }),
  answered('--auto-rewrite leaves another port', location('{other}/x'), at('http://127.0.0.1:<other>/x'), {
    ...auto,
    status: 302,
  }),
  answered('--auto-rewrite leaves a relative Location', location('/x'), at('/x'), { ...auto, status: 302 }),
  answered('--protocol-rewrite', location('{backend}/x'), at('https://127.0.0.1:<backend>/x'), {
    ...scheme,
    status: 301,
  }),
  answered('--protocol-rewrite leaves other hosts', location('http://a.example/'), at('http://a.example/'), {
    ...scheme,
    status: 301,
  }),
  answered('both', location('{backend}/x'), at('https://hub.example:99/x'), {
    flags: ['--auto-rewrite', '--protocol-rewrite', 'https'],
    host: 'hub.example:99',
    status: 307,
  }),
];

export const headerGroup: Group = { title: 'Headers', cases: [...toBackend, ...toClient, ...redirects] };
