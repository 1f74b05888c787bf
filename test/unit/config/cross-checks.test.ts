import { describe, expect, it } from 'vitest';
import { load, loadYaml, problemsOf } from './load-with.ts';

describe('public and api', () => {
  it.each([['127.0.0.1:8001'], [':8001'], ['0.0.0.0:8001'], ['[::]:8001'], ['localhost:8001']])(
    'must not both listen at %s',
    (address) => {
      expect(problemsOf(() => load({ argv: ['--public', address] })).join()).toMatch(
        /^--public: .*can't both listen there/,
      );
    },
  );

  it.each([['127.0.0.2:8001'], ['127.0.0.1:8002'], ['hub.example:8001']])(
    'may listen beside each other at %s',
    (address) => {
      expect(load({ argv: ['--public', address] }).config.public.port).toBeGreaterThan(0);
    },
  );

  it('may both leave the port to the system', () => {
    expect(load({ argv: ['--public=127.0.0.1:0', '--api=127.0.0.1:0'] }).config.api.port).toBe(0);
  });
});

describe('an api for other machines', () => {
  it('without a token is refused with the ways to mend it', () => {
    expect(problemsOf(() => loadYaml('api: 0.0.0.0:8001'))).toEqual([
      'signalbox.yaml:1:6: with api at 0.0.0.0:8001 and no token, other machines could change the routes: ' +
        'set SIGNALBOX_API_TOKEN (or CONFIGPROXY_AUTH_TOKEN, or token-file) to the token the Hub has, ' +
        'or set api to 127.0.0.1:8001, or allow it with insecure-no-token',
    ]);
  });

  it.each([':8001', '*:8001', '[::]:8001', '10.0.0.1:8001', 'hub.example:8001'])('is %s', (api) => {
    expect(problemsOf(() => load({ argv: ['--api', api] })).join()).toContain('no token');
  });

  it.each(['127.0.0.1:1', '127.9.9.9:1', '[::1]:1', '[0:0:0:0:0:0:0:1]:1', 'localhost:1', 'LOCALHOST:1'])(
    'is not %s',
    (api) => {
      expect(load({ argv: ['--api', api] }).config.api.port).toBe(1);
    },
  );

  it('is allowed with a token, or when told so', () => {
    expect(load({ argv: ['--api=:1'], env: { SIGNALBOX_API_TOKEN: 't' } }).config.api.host).toBe('*');
    expect(load({ argv: ['--api=:1', '--insecure-no-token'] }).config.insecureNoToken).toBe(true);
  });
});

it('a client certificate and its key go together', () => {
  expect(load({ argv: ['--client-ssl-cert=/c', '--client-ssl-key=/k'] }).config.clientSslKey).toBe('/k');
  expect(problemsOf(() => load({ argv: ['--client-ssl-cert=/c'] }))).toEqual([
    '--client-ssl-cert: client-ssl-cert needs client-ssl-key (or SIGNALBOX_CLIENT_SSL_KEY) beside it',
  ]);
  expect(problemsOf(() => load({ env: { SIGNALBOX_CLIENT_SSL_KEY: '/k' } })).join()).toMatch(
    /^SIGNALBOX_CLIENT_SSL_KEY: client-ssl-key needs client-ssl-cert/,
  );
});

it('reloads must be allowed more often than a change may take', () => {
  expect(problemsOf(() => load({ argv: ['--min-reload-interval', '10s'] })).join()).toContain(
    'min-reload-interval (10s) must be shorter than apply-timeout (10s)',
  );
  expect(problemsOf(() => load({ argv: ['--apply-timeout', '500ms'] })).join()).toMatch(
    /^--apply-timeout: min-reload-interval \(1s\)/,
  );
});

it('a rule is silent when one of its values is already wrong', () => {
  expect(problemsOf(() => load({ argv: ['--public', 'x', '--client-ssl-key', '/k', '--client-ssl-cert'] }))).toEqual([
    '--public: found "x", want HOST:PORT such as 127.0.0.1:8000',
    '--client-ssl-cert: found nothing, want a path',
  ]);
});

it('settings for a sidecar are fine for one and idle, with a warning, without', () => {
  const argv = ['--nginx-pid-file', '/p', '--reload-command', 'true'];
  expect(load({ argv: [...argv, '--no-managed'] }).warnings).toEqual([]);
  expect(load({ argv }).warnings).toEqual([
    'nginx-pid-file has no effect: it is for a sidecar (managed: false)',
    'reload-command has no effect: it is for a sidecar (managed: false)',
  ]);
  expect(load({ argv: ['--no-managed'] }).config.managed).toBe(false);
});
