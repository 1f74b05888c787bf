import { describe, expect, it } from 'vitest';
import { makeCertificate } from '../../support/certificate.ts';
import { load, loadYaml, problemsOf } from './load-with.ts';

const PEM = makeCertificate();

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

describe('listeners', () => {
  it.each([
    [['--metrics=127.0.0.1:8001'], 'api (127.0.0.1:8001) and metrics (127.0.0.1:8001)'],
    [['--api-socket=/s', '--metrics-socket=/s'], 'api-socket (/s) and metrics-socket (/s)'],
    [['--public-socket=/s', '--api-socket=/s'], 'public-socket (/s) and api-socket (/s)'],
  ])("with %j get into each other's way", (argv, both) => {
    expect(problemsOf(() => load({ argv })).join()).toContain(`${both} can't both listen there`);
  });

  it.each([[['--api-socket=/s', '--metrics=127.0.0.1:8001']], [['--public-socket=/s', '--api=127.0.0.1:8000']]])(
    'with %j do not, for a socket stands in the place of the address',
    (argv) => {
      expect(load({ argv }).warnings).toEqual([]);
    },
  );

  it('take a socket or an address for the public side, not both', () => {
    expect(problemsOf(() => load({ argv: ['--public-socket=/s', '--public=:80'] }))).toEqual([
      '--public-socket: public-socket stands instead of public: give one of them',
    ]);
  });

  it('on a socket need no token', () => {
    expect(load({ argv: ['--api-socket=/s', '--api=:8001'] }).config.apiSocket).toBe('/s');
  });
});

it.each(['ssl', 'api-ssl', 'client-ssl'])('%s-cert and its key go together', (prefix) => {
  expect(problemsOf(() => load({ argv: [`--${prefix}-cert=/c`], files: { '/c': PEM.cert } }))).toEqual([
    `--${prefix}-cert: ${prefix}-cert needs ${prefix}-key beside it`,
  ]);
  expect(problemsOf(() => load({ argv: [`--${prefix}-key=/k`], files: { '/k': PEM.key } }))).toEqual([
    `--${prefix}-key: ${prefix}-key needs ${prefix}-cert beside it`,
  ]);
});

it('a redirect needs HTTPS', () => {
  expect(problemsOf(() => load({ argv: ['--redirect=:80'] }))).toEqual([
    '--redirect: redirect needs ssl-cert: there is no HTTPS to redirect to',
  ]);
});

it.each(['ssl', 'api-ssl'])('%s-request-cert needs a certificate and an authority', (prefix) => {
  expect(problemsOf(() => load({ argv: [`--${prefix}-request-cert`] }))).toEqual([
    `--${prefix}-request-cert: ${prefix}-request-cert needs ${prefix}-cert: client certificates are part of TLS`,
    `--${prefix}-request-cert: ${prefix}-request-cert needs ${prefix}-ca: someone must have signed them`,
  ]);
});

it('error pages come from one place', () => {
  expect(problemsOf(() => load({ argv: ['--error-path=/e', '--error-target=http://h'] }))).toEqual([
    '--error-path: error-path and error-target exclude each other',
  ]);
});

it('settings that lack what they are for are named', () => {
  const argv = ['--ssl-ca=/c', '--api-ssl-ca=/c', '--ssl-ciphers=HIGH', '--redirect-to=443'];
  expect(load({ argv, files: { '/c': PEM.cert } }).warnings).toEqual([
    'ssl-ca has no effect: ssl-request-cert is off',
    'api-ssl-ca has no effect: api-ssl-request-cert is off',
    'ssl-ciphers has no effect: the public side has no TLS',
    'redirect-to has no effect: nothing redirects',
  ]);
});

it('a fleet whose dead replicas are waited for longer than a change may take is warned of', () => {
  const warnings = (...argv: string[]) => load({ argv: ['--database=postgres://h/d', ...argv] }).warnings;
  expect(warnings()).toEqual([]);
  expect(warnings('--leave-time=30s')).toEqual([expect.stringMatching(/waited for 34s .* longer than apply-timeout/)]);
  expect(warnings('--leave-time=7s', '--apply-timeout=11s')).toEqual([]);
  expect(warnings('--leave-time=30s', '--ack=own')).toEqual([]);
  expect(load({ argv: ['--leave-time=30s'] }).warnings).toEqual([]);
});

it.each(['database', 'database-listen'])('a password is no part of the flag --%s', (key) => {
  const url = 'postgres://me:s3cret@h/d';
  const problems = problemsOf(() => load({ argv: [`--${key}`, url, '--database-file', '/f'] }));
  expect(problems).toEqual([expect.stringContaining('other users can see a password in a command line')]);
  expect(problems.join()).not.toContain('s3cret');
  const env = { SIGNALBOX_DATABASE: url, SIGNALBOX_DATABASE_LISTEN: url };
  expect(load({ env }).config.database).toBe(url);
});

it('a rule is silent when one of its values is already wrong', () => {
  expect(
    problemsOf(() =>
      load({ argv: ['--public', 'x', '--client-ssl-key', '/k', '--client-ssl-cert'], files: { '/k': PEM.key } }),
    ),
  ).toEqual([
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

describe('a Traefik that someone else runs', () => {
  const flags = ['--driver', 'traefik', '--no-managed'];

  it('needs the folder that it watches and the URL where it answers', () => {
    expect(problemsOf(() => load({ argv: [...flags, '--traefik-dir', '/etc/traefik'] })).join()).toContain(
      'needs traefik-dir, the folder that it watches, and traefik-url, where it answers',
    );
    const { config } = load({ argv: [...flags, '--traefik-dir=/etc/traefik', '--traefik-url=http://traefik'] });
    expect(config.traefikDir).toBe('/etc/traefik');
  });

  it('has settings of its own, which are idle where Signalbox starts one', () => {
    const { warnings } = load({ argv: ['--driver', 'traefik', '--traefik-middlewares', 'auth@file'] });
    expect(warnings).toEqual(['traefik-middlewares has no effect: it is for a sidecar (managed: false)']);
  });
});
