import { describe, expect, test } from 'vitest';
import { readHubEnvironment } from '../../../../src/dashboard/hub/environment.ts';

/** As JupyterHub 5.5 sets them for a service that it starts, without subdomains. */
const MANAGED = {
  JUPYTERHUB_SERVICE_NAME: 'signalbox',
  JUPYTERHUB_SERVICE_PREFIX: '/services/signalbox/',
  JUPYTERHUB_SERVICE_URL: 'http://127.0.0.1:8002',
  JUPYTERHUB_API_URL: 'http://127.0.0.1:8081/hub/api',
  JUPYTERHUB_API_TOKEN: 'secret',
  JUPYTERHUB_CLIENT_ID: 'service-signalbox',
  JUPYTERHUB_OAUTH_CALLBACK_URL: '/services/signalbox/oauth_callback',
  JUPYTERHUB_OAUTH_ACCESS_SCOPES: '["access:services", "access:services!service=signalbox"]',
  JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES: '[]',
  JUPYTERHUB_BASE_URL: '/',
  JUPYTERHUB_HOST: '',
  JUPYTERHUB_PUBLIC_URL: '',
  JUPYTERHUB_PUBLIC_HUB_URL: '',
  JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED: '0',
};

const SUBDOMAINS = {
  ...MANAGED,
  JUPYTERHUB_HOST: 'https://hub.example',
  JUPYTERHUB_OAUTH_CALLBACK_URL: 'https://signalbox--service.hub.example/services/signalbox/oauth_callback',
  JUPYTERHUB_PUBLIC_URL: 'https://signalbox--service.hub.example/services/signalbox/',
  JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED: '1',
};

const INTERNAL_SSL = {
  JUPYTERHUB_SSL_KEYFILE: '/certs/signalbox.key',
  JUPYTERHUB_SSL_CERTFILE: '/certs/signalbox.crt',
  JUPYTERHUB_SSL_CLIENT_CA: '/certs/trust.crt',
};

test('without a Hub there is nothing to read', () => {
  expect(readHubEnvironment({ PATH: '/bin' })).toBeUndefined();
  expect(readHubEnvironment({ JUPYTERHUB_API_URL: '' })).toBeUndefined();
});

test('a service that the Hub starts learns everything from its environment', () => {
  expect(readHubEnvironment(MANAGED)).toEqual({
    apiUrl: new URL('http://127.0.0.1:8081/hub/api/'),
    apiToken: 'secret',
    clientId: 'service-signalbox',
    callbackUrl: '/services/signalbox/oauth_callback',
    accessScopes: ['access:services', 'access:services!service=signalbox'],
    hubUrl: '/hub/',
    listen: { host: '127.0.0.1', port: 8002 },
    prefix: '/services/signalbox/',
    ownRoute: '/services/signalbox',
    publicUrl: undefined,
    hostCookies: false,
    tlsFiles: undefined,
  });
});

test('behind a base URL the Hub is there, too', () => {
  const hub = readHubEnvironment({ ...MANAGED, JUPYTERHUB_BASE_URL: '/base/' });
  expect(hub?.hubUrl).toBe('/base/hub/');
});

test('with subdomains the Hub is at another host, and the callback stays as it is given', () => {
  expect(readHubEnvironment(SUBDOMAINS)).toMatchObject({
    callbackUrl: 'https://signalbox--service.hub.example/services/signalbox/oauth_callback',
    hubUrl: 'https://hub.example/hub/',
    prefix: '/services/signalbox/',
    ownRoute: '/signalbox--service.hub.example/services/signalbox',
    publicUrl: new URL('https://signalbox--service.hub.example/services/signalbox/'),
    hostCookies: true,
  });
});

test('cookies are of the host alone only where https and the Hub allow it', () => {
  const plain = {
    ...SUBDOMAINS,
    JUPYTERHUB_OAUTH_CALLBACK_URL: 'http://s.hub.example/services/signalbox/oauth_callback',
  };
  const shared = { ...MANAGED, JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED: '1' };
  const off = { ...SUBDOMAINS, JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED: '0' };
  expect([plain, shared, off].map((env) => readHubEnvironment(env)?.hostCookies)).toEqual([false, false, false]);
});

describe('a service on an origin of its own', () => {
  const own = {
    JUPYTERHUB_API_TOKEN: 'secret',
    JUPYTERHUB_SERVICE_NAME: 'signalbox',
    JUPYTERHUB_OAUTH_CALLBACK_URL: 'https://ops.example/signalbox/oauth_callback',
  };

  test('needs no more than a token, a name, its callback and where the Hub is', () => {
    expect(readHubEnvironment(own, 'https://hub.example')).toEqual({
      apiUrl: new URL('https://hub.example/hub/api/'),
      apiToken: 'secret',
      clientId: 'service-signalbox',
      callbackUrl: 'https://ops.example/signalbox/oauth_callback',
      accessScopes: ['access:services', 'access:services!service=signalbox'],
      hubUrl: 'https://hub.example/hub/',
      listen: undefined,
      prefix: '/signalbox/',
      ownRoute: null,
      publicUrl: new URL('https://ops.example/signalbox/'),
      hostCookies: false,
      tlsFiles: undefined,
    });
  });

  test.each([
    ['https://hub.example', 'https://hub.example/hub/'],
    ['https://hub.example/base', 'https://hub.example/base/hub/'],
    ['https://hub.example/base/hub', 'https://hub.example/base/hub/'],
    ['https://hub.example/base/hub/?x=1#y', 'https://hub.example/base/hub/'],
    ['https://hub.example/github/', 'https://hub.example/github/hub/'],
  ])('--hub-url %s is %s', (given, expected) => {
    expect(readHubEnvironment(own, given)?.hubUrl).toBe(expected);
  });

  test('may ask the API elsewhere than browsers do', () => {
    const hub = readHubEnvironment({ ...own, JUPYTERHUB_API_URL: 'http://hub:8081/hub/api' }, 'https://hub.example');
    expect(hub).toMatchObject({ apiUrl: new URL('http://hub:8081/hub/api/'), hubUrl: 'https://hub.example/hub/' });
  });

  test.each(['hub.example', '//hub.example', 'javascript:alert(1)', ''])('--hub-url %j is refused', (given) => {
    expect(() => readHubEnvironment(own, given)).toThrow(/--hub-url/);
  });
});

test.each([
  ['JUPYTERHUB_API_TOKEN', { JUPYTERHUB_API_TOKEN: '' }],
  ['JUPYTERHUB_SERVICE_NAME', { JUPYTERHUB_SERVICE_NAME: '', JUPYTERHUB_CLIENT_ID: '' }],
  ['JUPYTERHUB_OAUTH_CALLBACK_URL', { JUPYTERHUB_OAUTH_CALLBACK_URL: '', JUPYTERHUB_SERVICE_PREFIX: '' }],
])('%s is named when it is missing', (name, without) => {
  expect(() => readHubEnvironment({ ...MANAGED, ...without })).toThrow(new RegExp(`missing[^:]*: ${name}$`));
});

test('all that is missing is named at once', () => {
  expect(() => readHubEnvironment({ JUPYTERHUB_API_URL: 'http://hub:8081/hub/api' })).toThrow(
    'JUPYTERHUB_API_TOKEN, JUPYTERHUB_SERVICE_NAME, JUPYTERHUB_OAUTH_CALLBACK_URL',
  );
});

test('the client is named after the service, and the callback is below its prefix, unless they are given', () => {
  const few = { ...MANAGED, JUPYTERHUB_CLIENT_ID: '', JUPYTERHUB_OAUTH_CALLBACK_URL: '' };
  expect(readHubEnvironment(few)).toMatchObject({
    clientId: 'service-signalbox',
    callbackUrl: '/services/signalbox/oauth_callback',
  });
});

test('certificates come together or not at all', () => {
  expect(readHubEnvironment({ ...MANAGED, ...INTERNAL_SSL })?.tlsFiles).toEqual({
    key: '/certs/signalbox.key',
    cert: '/certs/signalbox.crt',
    ca: '/certs/trust.crt',
  });
  expect(() => readHubEnvironment({ ...MANAGED, ...INTERNAL_SSL, JUPYTERHUB_SSL_CLIENT_CA: '' })).toThrow(
    /JUPYTERHUB_SSL_CLIENT_CA belong together/,
  );
});

test.each([
  ['http://127.0.0.1', { host: '127.0.0.1', port: 80 }],
  ['https://127.0.0.1', { host: '127.0.0.1', port: 443 }],
  ['http://[::1]:8002/services/signalbox/', { host: '::1', port: 8002 }],
])('it listens where %s says', (url, listen) => {
  expect(readHubEnvironment({ ...MANAGED, JUPYTERHUB_SERVICE_URL: url })?.listen).toEqual(listen);
});

test.each([
  ['JUPYTERHUB_API_URL', '127.0.0.1:8081'],
  ['JUPYTERHUB_API_URL', 'file:///hub/api'],
  ['JUPYTERHUB_SERVICE_URL', 'unix:/run/x.sock'],
  ['JUPYTERHUB_PUBLIC_URL', '/services/signalbox/'],
  ['JUPYTERHUB_OAUTH_ACCESS_SCOPES', 'access:services'],
  ['JUPYTERHUB_OAUTH_ACCESS_SCOPES', '[]'],
  ['JUPYTERHUB_OAUTH_ACCESS_SCOPES', '[1]'],
  ['JUPYTERHUB_OAUTH_CALLBACK_URL', '/services/signalbox/'],
  ['JUPYTERHUB_OAUTH_CALLBACK_URL', '//evil.example/oauth_callback'],
  ['JUPYTERHUB_OAUTH_CALLBACK_URL', 'services/signalbox/oauth_callback'],
  ['JUPYTERHUB_OAUTH_CALLBACK_URL', 'javascript:/oauth_callback'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => readHubEnvironment({ ...MANAGED, [name]: value })).toThrow(new RegExp(`^${name}: `));
});
