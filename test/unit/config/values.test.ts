import { describe, expect, it } from 'vitest';
import { isKey, settingOf } from '../../../src/config/schema.ts';
import { load, problemsOf } from './load-with.ts';

/** What the flag gives, by the name in Config. */
function value(flag: string, text: string): unknown {
  const name = flag.slice(2).replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const { config } = load({ argv: [`${flag}=${text}`, ...(flag === '--api' ? ['--insecure-no-token'] : [])] });
  return config[name as keyof typeof config];
}

const refusal = (flag: string, text: string) => problemsOf(() => load({ argv: [`${flag}=${text}`] })).join('\n');

describe('an address', () => {
  it.each([
    ['127.0.0.1:8000', { host: '127.0.0.1', port: 8000 }],
    ['hub.example:1', { host: 'hub.example', port: 1 }],
    ['[::1]:65535', { host: '::1', port: 65535 }],
    [':80', { host: '*', port: 80 }],
    ['*:80', { host: '*', port: 80 }],
    ['localhost:0', { host: 'localhost', port: 0 }],
  ])('%s is read', (text, expected) => {
    expect(value('--public', text)).toEqual(expected);
  });

  it.each([
    '8000',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:65536',
    '127.0.0.300:1',
    '[fe80::1%eth0]:1',
    '[1]:1',
    'a b:1',
    'a;b:1',
    '',
  ])('%j is refused', (text) => {
    expect(refusal('--public', text)).toContain(
      `--public: found ${JSON.stringify(text)}, want HOST:PORT such as 127.0.0.1:8000`,
    );
  });

  it('says where the brackets of an IPv6 address go', () => {
    expect(refusal('--public', '::1:8000')).toContain('IPv6 address in brackets, [::1]:8000');
  });
});

describe('a duration', () => {
  it.each([
    ['500ms', 500],
    ['10s', 10_000],
    ['2m', 120_000],
    ['1h', 3_600_000],
  ])('%s is %d ms', (text, expected) => {
    expect(value('--drain-timeout', text)).toBe(expected);
  });

  it.each(['10', '10 s', '1.5s', '-1s', '1d', 's', ''])('%j is refused with the names of the units', (text) => {
    expect(refusal('--drain-timeout', text)).toContain('want a number with a unit (ms, s, m or h)');
  });

  it('has bounds', () => {
    expect(refusal('--apply-timeout', '0s')).toBe('--apply-timeout: found "0s", want a duration from 100ms to 24h');
    expect(refusal('--drain-timeout', '600h')).toContain('from 0ms to 24h');
  });
});

describe('a URL', () => {
  it.each([
    'http://127.0.0.1:9000',
    'https://hub.example/path?x=1',
    'http+unix://%2Frun%2Fhub.sock/hub/',
    'unix+http://%2Frun%2Fhub.sock',
  ])('%s is kept as it is written', (text) => {
    expect(value('--default-target', text)).toBe(text);
  });

  it.each([
    '127.0.0.1:9000',
    'ftp://a',
    '/path',
    'http://',
    'http://a b',
    'http://a\nb',
    'http+unix://run',
    'http+unix:///run/x',
    'http+unix://%zz',
    '',
  ])('%j is refused', (text) => {
    expect(refusal('--default-target', text)).toMatch(/^--default-target: found ".*", want .*http/);
  });

  it('with a password is refused without showing it', () => {
    for (const text of ['http://ann:hunter2@a', 'http//ann:hunter2@a', 'ftp://ann:hunter2@a']) {
      expect(refusal('--default-target', text)).not.toContain('hunter2');
    }
  });
});

describe('a path', () => {
  it('is made absolute', () => {
    expect(value('--state-dir', 'state/../x')).toBe('/cwd/x');
    expect(value('--nginx-pid-file', '/run/nginx.pid')).toBe('/run/nginx.pid');
  });

  it('of nginx stays a name when it is one', () => {
    expect(value('--nginx', 'nginx-debug')).toBe('nginx-debug');
    expect(value('--nginx', 'bin/nginx')).toBe('/cwd/bin/nginx');
  });

  it.each(['$', '"', "'", '\\', ';', '{', '}', '#', '\n', '\u007f'])(
    'that goes into the configuration of nginx must not contain %j',
    (character) => {
      for (const key of ['--state-dir', '--client-ssl-ca']) {
        expect(refusal(key, `/srv/a${character}b`)).toContain("want a path that can stand in nginx's configuration");
      }
    },
  );

  it('is also looked at with the folder it counts from', () => {
    const lines = problemsOf(() => load({ cwd: '/srv/a;b', argv: ['--state-dir', 'x'] }));
    expect(lines.join()).toContain('(it stands for "/srv/a;b/x")');
  });

  it('with ~ is refused, because only a shell would replace it', () => {
    expect(refusal('--state-dir', '~/state')).toContain('without ~');
  });
});

describe('other kinds', () => {
  it('are an integer within its bounds', () => {
    expect(value('--pin-max', '5')).toBe(5);
    for (const text of ['0', '10001', '1e3', '0x10', '1.5', '']) {
      expect(refusal('--pin-max', text)).toBe(`--pin-max: found "${text}", want a whole number from 1 to 10000`);
    }
  });

  it('are an enum', () => {
    expect(value('--driver', 'traefik')).toBe('traefik');
    expect(refusal('--driver', 'caddy')).toBe('--driver: found "caddy", want one of nginx, traefik');
  });

  it('are a user name and a number of workers that can stand in the configuration of nginx', () => {
    expect(value('--nginx-user', 'www-data')).toBe('www-data');
    expect(refusal('--nginx-user', 'a; b')).toContain('want the name of a user such as www-data');
    expect(value('--worker-processes', '4')).toBe('4');
    expect(refusal('--worker-processes', '0')).toContain('want auto or a number from 1 to 9999');
  });
});

it('every message about a long value is of bearable length', () => {
  expect(refusal('--driver', 'x'.repeat(5000)).length).toBeLessThan(200);
});

it('the schema knows its own keys only', () => {
  expect(isKey('state-dir')).toBe(true);
  expect(isKey('constructor')).toBe(false);
  expect(settingOf('driver').choices).toEqual(['nginx', 'traefik']);
});
