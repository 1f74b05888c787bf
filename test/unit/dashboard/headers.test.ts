import { expect, test } from 'vitest';
import { dashboard, NAVIGATION } from './harness.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0';
const CHROMIUM =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36';

test('the page comes with what keeps others away from it', async () => {
  const { send, signIn } = dashboard();
  const cookie = await signIn();
  const headers = async (agent: string) => {
    const answer = await send({ url: '/signalbox/', headers: { cookie, ...NAVIGATION, 'user-agent': agent } });
    const { date: _, 'content-length': __, connection: ___, ...rest } = answer.headers;
    return rest;
  };
  const all = {
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';frame-ancestors 'none';" +
      "base-uri 'none';form-action 'self';require-trusted-types-for 'script'",
    'content-type': 'text/html',
    'cross-origin-opener-policy': 'noopener-allow-popups',
    'cross-origin-resource-policy': 'same-origin',
    'origin-agent-cluster': '?1',
    'permissions-policy': 'camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'DENY',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  };
  expect(await headers(CHROMIUM)).toEqual(all);
  expect(await headers(FIREFOX)).toEqual({ ...all, 'cross-origin-opener-policy': 'same-origin' });
});

test('so does every answer, whatever is wrong with the request', async () => {
  const { send } = dashboard();
  for (const [url, headers] of [
    ['/signalbox/', {}],
    ['/nowhere', {}],
    ['/signalbox/sign-in', {}],
    ['/signalbox/healthz', { host: 'rebound.example' }],
  ] as const) {
    expect((await send({ url, headers })).headers, url).toMatchObject({
      'cache-control': 'no-store',
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-frame-options': 'DENY',
    });
  }
});
