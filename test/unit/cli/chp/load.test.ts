import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { load, PEM, problemsOf } from './load-chp.ts';

describe('without a flag', () => {
  const { config, warnings, temporary } = load([]);

  it('the listeners are those of CHP', () => {
    expect(config).toMatchObject({ public: { host: '*', port: 8000 }, api: { host: 'localhost', port: 8001 } });
    expect([config.publicSocket, config.apiSocket, config.metrics, config.redirect]).toEqual(Array(4).fill(undefined));
  });

  it('the rest is what CHP does', () => {
    expect(config).toMatchObject({
      persist: false,
      keepAliveTimeout: 5_000,
      timeout: undefined,
      proxyTimeout: undefined,
      xForward: true,
      prependPath: true,
      includePrefix: true,
      hostRouting: false,
      customHeader: [],
      logLevel: 'info',
      driver: 'nginx',
    });
    expect(config.drainTimeout).toBeLessThan(1_000);
    expect(config.applyTimeout).toBeLessThan(10_000);
    expect(warnings).toEqual([]);
  });

  it('the state is in a temporary folder', () => {
    expect(temporary).toBe(true);
    expect(config.stateDir).toMatch(new RegExp(`^${tmpdir()}/signalbox-chp-\\d+-[0-9a-f]{12}$`));
  });
});

describe('addresses', () => {
  it.each([
    [['--ip', '127.0.0.1', '--port', '9000'], { host: '127.0.0.1', port: 9000 }, { host: 'localhost', port: 9001 }],
    [['--ip=::1'], { host: '::1', port: 8000 }, { host: 'localhost', port: 8001 }],
    [['--ip', ''], { host: '*', port: 8000 }, { host: 'localhost', port: 8001 }],
    [['--port', 'abc', '--api-port', 'xyz'], { host: '*', port: 8000 }, { host: 'localhost', port: 8001 }],
    [['--port=0'], { host: '*', port: 8000 }, { host: 'localhost', port: 8001 }],
    [['--port', '9000x'], { host: '*', port: 9000 }, { host: 'localhost', port: 9001 }],
    [['--port', '0x2328'], { host: '*', port: 9000 }, { host: 'localhost', port: 9001 }],
    [['--api-ip', '10.0.0.1', '--api-port=81'], { host: '*', port: 8000 }, { host: '10.0.0.1', port: 81 }],
    [['--port=1', '--port=2'], { host: '*', port: 2 }, { host: 'localhost', port: 3 }],
  ])('%j', (argv, open, api) => {
    expect(load(argv).config).toMatchObject({ public: open, api });
    expect(load(argv).warnings).toEqual([]);
  });

  it.each(['--ip', '--api-ip', '--metrics-ip'])('%s * is all interfaces, with a warning', (flag) => {
    const { config, warnings } = load([flag, '*', '--metrics-port', '9']);
    expect({ '--ip': config.public, '--api-ip': config.api, '--metrics-ip': config.metrics }[flag]?.host).toBe('*');
    expect(warnings).toEqual([expect.stringContaining(`${flag}: * is taken for all interfaces`)]);
  });

  it('of the metrics are used with a port only', () => {
    expect(load(['--metrics-ip', '127.0.0.1']).config.metrics).toBeUndefined();
    expect(load(['--metrics-port', '9']).config.metrics).toEqual({ host: '*', port: 9 });
  });

  it('may be sockets', () => {
    const { config } = load(['--socket', '/s', '--api-socket', 'a', '--metrics-socket=/m', '--api-port', '5']);
    expect(config).toMatchObject({ publicSocket: '/s', apiSocket: '/cwd/a', metricsSocket: '/m', api: { port: 5 } });
  });

  it.each([
    [['--port', '70000'], '--port: found "70000", want a port from 1 to 65535'],
    [['--port=-5'], '--port: found "-5", want a port'],
    [['--port=65535'], '--port: leaves no port for the API'],
    [['--metrics-port', 'abc'], '--metrics-port: found "abc", want a port'],
    [['--ip', 'a b'], '--ip: found "a b", want an IP address'],
    [['--socket', '/s', '--ip', '::'], '--socket: cannot be used together with --ip'],
    [['--socket', '/s', '--port', '1'], '--socket: cannot be used together with --port'],
    [['--port', '8001', '--api-port', '8001'], "can't both listen there"],
  ])('%j are refused', (argv, message) => {
    expect(problemsOf(argv).join('\n')).toContain(message);
  });
});

describe('TLS', () => {
  it('of the Hub with internal_ssl needs no warning', () => {
    const { config, warnings } = load([
      ...['--api-ssl-key', '/key', '--api-ssl-cert', '/cert', '--api-ssl-ca', '/ca'],
      ...['--api-ssl-request-cert', '--api-ssl-reject-unauthorized'],
      ...['--client-ssl-key', '/key', '--client-ssl-cert', '/cert', '--client-ssl-ca', '/ca'],
      ...['--client-ssl-request-cert', '--client-ssl-reject-unauthorized'],
    ]);
    expect(config).toMatchObject({
      apiSslKey: '/key',
      apiSslCert: '/cert',
      apiSslCa: '/ca',
      apiSslRequestCert: true,
      clientSslKey: '/key',
      clientSslCert: '/cert',
      clientSslCa: '/ca',
      insecure: false,
    });
    expect(warnings).toEqual([]);
  });

  const https = ['--ssl-key=/key', '--ssl-cert=/cert'];

  it('on the public side has all that CHP has', () => {
    const { config, warnings } = load([
      ...https,
      ...['--ssl-ca=/ca', '--ssl-request-cert', '--ssl-reject-unauthorized', '--ssl-protocol=TLSv1_2'],
      ...['--ssl-ciphers=HIGH:!aNULL', '--ssl-dhparam=/dh', '--redirect-port=80', '--redirect-to=443'],
    ]);
    expect(config).toMatchObject({
      sslKey: '/key',
      sslCert: '/cert',
      sslCa: '/ca',
      sslRequestCert: true,
      sslProtocol: 'TLSv1.2',
      sslCiphers: 'HIGH:!aNULL',
      sslDhparam: '/dh',
      http2: true,
      redirect: { host: '*', port: 80 },
      redirectTo: 443,
    });
    expect(warnings).toEqual([]);
    expect(load(['--no-http2']).config.http2).toBe(false);
  });

  it('takes the passphrases from the environment', () => {
    const env = { CONFIGPROXY_SSL_KEY_PASSPHRASE: 'a', CONFIGPROXY_API_SSL_KEY_PASSPHRASE: 'b' };
    expect(load([], env).config).toMatchObject({ sslKeyPassphrase: 'a', apiSslKeyPassphrase: 'b' });
  });

  it.each([
    [[...https, '--ssl-protocol', 'TLSv1_1'], 'no longer safe'],
    [[...https, '--ssl-allow-rc4'], '--ssl-allow-rc4 has no effect'],
    [['--ssl-request-cert'], '--ssl-request-cert has no effect'],
    [['--api-ssl-request-cert', '--api-ssl-ca=/ca'], '--api-ssl-request-cert has no effect'],
    [[...https, '--port=80', '--redirect-port=81'], '--redirect-port has no effect: the public side is port 80'],
    [[...https, '--socket=/s', '--redirect-port=81'], '--redirect-port has no effect: the public side is a socket'],
  ])('%j is warned about', (argv, message) => {
    const { config, warnings } = load(argv);
    expect(warnings.filter((warning) => warning.includes(message))).toHaveLength(1);
    expect([config.sslProtocol, config.redirect, config.sslRequestCert, config.apiSslRequestCert]).toEqual([
      undefined,
      undefined,
      false,
      false,
    ]);
  });

  it.each([
    [['--redirect-port', '80'], '--redirect-port: redirects to HTTPS, which needs --ssl-key and --ssl-cert'],
    [['--ssl-key=/key', '--ssl-cert=/no-cert'], 'ssl-cert: "/no-cert" can\'t be read: there is no such file'],
    [['--client-ssl-ca=/no-ca'], 'client-ssl-ca: "/no-ca" can\'t be read'],
    [['--ssl-key=/key'], 'ssl-key needs ssl-cert'],
    [[...https, '--ssl-request-cert'], 'ssl-request-cert needs ssl-ca'],
    [['--ssl-protocol', 'SSLv3'], '--ssl-protocol: found "SSLv3", want TLSv1_2 or TLSv1_3'],
  ])('%j is refused', (argv, message) => {
    expect(problemsOf(argv).join('\n')).toContain(message);
  });
});

describe('requests', () => {
  it('are changed as CHP does', () => {
    const { config, warnings } = load([
      ...['--no-x-forward', '--no-prepend-path', '--no-include-prefix', '--auto-rewrite', '--change-origin'],
      ...['--protocol-rewrite', 'https', '--host-routing', '--insecure'],
      ...['--custom-header', 'X-A: 1:2', '--custom-header=X-B:b'],
      ...['--timeout', '1000', '--proxy-timeout', '2000', '--keep-alive-timeout', '3000'],
      ...['--default-target', 'http://a:1', '--error-target', 'http://hub/error'],
    ]);
    expect(config).toMatchObject({
      xForward: false,
      prependPath: false,
      includePrefix: false,
      autoRewrite: true,
      changeOrigin: true,
      protocolRewrite: 'https',
      hostRouting: true,
      insecure: true,
      customHeader: [
        { name: 'X-A', value: '1:2' },
        { name: 'X-B', value: 'b' },
      ],
      timeout: 1_000,
      proxyTimeout: 2_000,
      keepAliveTimeout: 3_000,
      defaultTarget: 'http://a:1',
      errorTarget: 'http://hub/error',
    });
    expect(warnings).toEqual([]);
  });

  it.each(['0', 'abc', '-1'])('with a time limit of %s have none', (text) => {
    const { config } = load(['--timeout', text, '--proxy-timeout', text, '--keep-alive-timeout', text]);
    expect([config.timeout, config.proxyTimeout, config.keepAliveTimeout]).toEqual([undefined, undefined, 5_000]);
  });

  it('with an endless time limit have a long one', () => {
    expect(load(['--timeout', '99999999999']).config.timeout).toBe(24 * 3_600_000);
  });

  it.each([
    [['--custom-header', 'foo'], '--custom-header: a colon was expected in custom header: "foo"'],
    [['--custom-header', 'X-A: 1', '--custom-header', 'bar'], 'a colon was expected in custom header: "bar"'],
    [['--custom-header', ': x'], 'want NAME: VALUE'],
    [['--custom-header', 'X: a\nY: b'], 'want one without line breaks'],
    [['--error-path', '/e', '--error-target', 'http://h'], 'exclude each other'],
    [['--default-target', 'nourl'], '--default-target: found "nourl"'],
    [['--protocol-rewrite', 'gopher'], 'want one of http, https'],
  ])('%j are refused', (argv, message) => {
    expect(problemsOf(argv).join('\n')).toContain(message);
  });
});

describe('the log level', () => {
  it.each([
    ['DEBUG', 'debug'],
    ['Warn', 'warn'],
    ['error', 'error'],
    ['verbose', 'silent'],
  ])('%s is %s', (text, level) => {
    expect(load(['--log-level', text]).config.logLevel).toBe(level);
  });
});

it('the token that only reads stands in a file, and is another one', () => {
  const argv = ['--read-token-file', '/run/token'];
  const read = (token: string) =>
    load(argv, { CONFIGPROXY_AUTH_TOKEN: token, SIGNALBOX_READ_TOKEN: 'x' }).config.readToken;
  expect(read('of-the-hub')).toBe('only-reads');
  expect(() => read('only-reads')).toThrow('the token is the one for the whole table, too');
  expect(() => load(argv)).toThrow('a token that only reads needs one for changes beside it');
});

describe('the token', () => {
  it('is what the variable holds, and may be missing on any address', () => {
    expect(load([], { CONFIGPROXY_AUTH_TOKEN: 'ab c' }).config.token).toBe('ab c');
    expect(load(['--api-ip', '10.0.0.1'], { CONFIGPROXY_AUTH_TOKEN: '' }).config.token).toBeUndefined();
    expect(load(['--api-ip', '10.0.0.1']).warnings).toEqual([]);
  });
});

describe('flags of Signalbox', () => {
  it('go through', () => {
    const { config, temporary } = load([
      ...['--driver=traefik', '--state-dir', 's', '--persist', '--nginx', '/n', '--nginx-user', 'www'],
      ...['--no-pin', '--pin-max', '7', '--max-draining', '2', '--log-format', 'json'],
    ]);
    expect(config).toMatchObject({
      driver: 'traefik',
      stateDir: '/cwd/s',
      persist: true,
      nginx: '/n',
      nginxUser: 'www',
      pin: false,
      pinMax: 7,
      maxDraining: 2,
      logFormat: 'json',
    });
    expect(temporary).toBe(false);
  });

  it.each([['--persist'], ['--state-dir=/state']])(
    'with %s a start amid a renewal of certificates uses the last good ones',
    (flag) => {
      const argv = ['--ssl-key=/no/key', '--ssl-cert=/no/cert'];
      expect([...load([...argv, flag]).config.certificates.values()]).toEqual([PEM.key, PEM.cert]);
      expect(problemsOf(argv)).toHaveLength(2);
    },
  );

  it('--persist keeps the table out of the temporary folder', () => {
    const { config, temporary } = load(['--persist']);
    expect(temporary).toBe(false);
    expect(config.stateDir).toMatch(/\/signalbox\/chp-[0-9a-f]{12}$/);
  });

  it('are checked like those of serve', () => {
    expect(problemsOf(['--driver', 'caddy', '--max-draining', '0'])).toEqual([
      '--driver: found "caddy", want one of nginx, traefik',
      '--max-draining: found "0", want a whole number from 1 to 100',
    ]);
  });

  it.each(['--driver', '--state-dir'])('%s without its value is refused', (flag) => {
    expect(problemsOf([flag])).toEqual([`${flag}: found nothing, want a value`]);
    expect(problemsOf([flag, '--persist'])).toEqual([`${flag}: found nothing, want a value`]);
  });

  it('--storage-backend is refused with what to do', () => {
    expect(problemsOf(['--storage-backend', 'x'])).toEqual([
      expect.stringMatching(/^--storage-backend: .*--persist keeps the table/),
    ]);
  });
});

describe('the command line', () => {
  it('is refused with all of its mistakes', () => {
    expect(
      problemsOf(['--unknown', 'value', '--insecure=x', '8000', 'f00d'.repeat(16), '--prot', '1', '-p', '--port']),
    ).toEqual([
      '--unknown: is no option',
      '--insecure: takes no value',
      'command line: "8000" belongs to no option',
      'command line: a word of 64 characters belongs to no option',
      '--prot: is no option; did you mean --port?',
      expect.stringMatching(/^-p: is no option/),
      '--port: found nothing, want N',
    ]);
  });

  it.each([[['--x-forward']], [['--', '8000']], [['stray']], [['--ssl-ke', '/k']]])('%j is refused', (argv) => {
    expect(problemsOf(argv)).toHaveLength(1);
  });

  it('takes the word behind a flag whatever it looks like, as CHP does', () => {
    expect(load(['--error-path', '--x']).config.errorPath).toBe('/cwd/--x');
  });
});
