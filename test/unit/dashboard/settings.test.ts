import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { HubPlace } from '../../../src/dashboard/hub/hub-api.ts';
import { hashPassword } from '../../../src/dashboard/login/password-hash.ts';
import { type DashboardOptions, readSettings } from '../../../src/dashboard/settings.ts';
import { makeTempDir } from '../../support/tmp.ts';

const TOKEN = { SIGNALBOX_API_TOKEN: 'whole' };

function read(options: Partial<DashboardOptions> = {}, env: NodeJS.ProcessEnv = TOKEN, hub?: HubPlace) {
  const given = { api: 'http://127.0.0.1:8001', 'behind-https': false, ...options } as DashboardOptions;
  return readSettings(given, env, hub);
}

function file(text: string, mode = 0o600): string {
  const path = join(makeTempDir(), 'file');
  writeFileSync(path, text, { mode });
  return path;
}

const HUB: HubPlace = {
  listen: { host: '127.0.0.1', port: 9999 },
  prefix: '/services/signalbox/',
  ownRoute: '/services/signalbox',
  tls: undefined,
  publicUrl: undefined,
  hostCookies: false,
};

describe('where it is', () => {
  test('on loopback unless told otherwise, below a path of its own', () => {
    expect(read().place).toEqual({
      ...{ address: { host: '127.0.0.1', port: 8002 }, socket: undefined, tls: undefined },
      ...{ prefix: '/signalbox/', cookiePath: '/signalbox/', publicUrl: undefined },
      ...{ isHttps: false, isBehindProxy: false, hosts: ['loopback'] },
    });
  });

  test('behind a proxy with https, by the address in browsers', () => {
    const { place } = read({ listen: ':8002', 'public-url': 'https://ops.example/box' });
    expect(place).toMatchObject({
      ...{ address: { host: '*', port: 8002 }, prefix: '/box/', cookiePath: '/box/' },
      ...{ isHttps: true, isBehindProxy: true },
    });
    expect(read({ 'public-url': 'http://ops.example/box/' }).place).toMatchObject({ isHttps: false });
    expect(read({ 'behind-https': true }).place).toMatchObject({ isHttps: true, prefix: '/signalbox/' });
  });

  test('where a Hub says', () => {
    expect(read({}, TOKEN, HUB).place).toMatchObject({
      ...{ address: HUB.listen, prefix: '/services/signalbox/', cookiePath: '/services/signalbox/' },
      ...{ isHttps: undefined, hosts: undefined, isBehindProxy: true },
    });
    const everywhere = { ...HUB, listen: { host: '0.0.0.0', port: 1 } };
    expect(read({}, TOKEN, everywhere).place.address).toEqual(everywhere.listen);
    const apart = { ...HUB, publicUrl: new URL('https://services.hub.example/services/signalbox/'), hostCookies: true };
    expect(read({}, TOKEN, apart).place).toMatchObject({ isHttps: true, cookiePath: '/' });
  });

  test.each<[Partial<DashboardOptions>, RegExp]>([
    [{ listen: ':8002' }, /others would read passwords/],
    [{ listen: '192.0.2.1:8002' }, /others would read passwords/],
    [{ listen: '192.0.2.1:8002', 'public-url': 'http://ops.example/' }, /others would read passwords/],
    [{ listen: ':8002', 'behind-https': true }, /needs --public-url/],
    [{ listen: '8002' }, /want HOST:PORT/],
    [{ listen: '127.0.0.1:1', 'listen-socket': '/run/s' }, /exclude each other/],
    [{ prefix: 'signalbox' }, /--prefix/],
    [{ prefix: '/signalbox' }, /--prefix/],
    [{ prefix: '//evil.example/' }, /--prefix/],
    [{ prefix: '/a/../b/' }, /--prefix/],
    [{ prefix: '/a b/' }, /--prefix/],
    [{ prefix: '/a;Domain=evil/' }, /--prefix/],
    [{ 'public-url': 'ftp://ops.example/' }, /--public-url/],
    [{ 'public-url': 'https://u:p@ops.example/' }, /--public-url/],
    [{ 'public-url': 'https://ops.example/?x' }, /--public-url/],
    [{ 'public-url': 'https://ops.example/box/', prefix: '/other/' }, /is not the path/],
  ])('%j is refused', (options, message) => {
    expect(() => read(options)).toThrow(message);
  });
});

describe('the daemon', () => {
  test('is asked with the whole token, else with the one that reads', () => {
    expect(read({}, { CONFIGPROXY_AUTH_TOKEN: 'a', SIGNALBOX_READ_TOKEN: 'b' }).daemon).toMatchObject({
      ...{ token: 'a', mayChange: true },
    });
    expect(read({}, { SIGNALBOX_READ_TOKEN: 'b' }).daemon).toMatchObject({ token: 'b', mayChange: false });
    expect(read({ 'token-file': file('of-file\n') }, TOKEN).daemon.token).toBe('of-file');
    expect(read({ 'read-token-file': file('reads\n') }, {}).daemon).toMatchObject({ token: 'reads', mayChange: false });
    expect(read({ login: 'none' }, {}).daemon).toMatchObject({ token: undefined, mayChange: true });
  });

  test('a token file that others can read is warned about, and an empty one refused without its content', () => {
    expect(read({ 'token-file': file('x', 0o644) }).warnings).toEqual([expect.stringContaining('0600')]);
    expect(() => read({ 'token-file': file(' \n') })).toThrow(/--token-file: the token is empty/);
    expect(() => read({ 'read-token-file': file('two words') })).toThrow(/^(?!.*two words).*--read-token-file/);
  });
});

describe('signing in', () => {
  test('is with a token unless told otherwise', () => {
    expect(read().login).toEqual({ kind: 'token', tokens: { whole: 'whole', read: undefined } });
    expect(() => read({}, {})).toThrow('there is no token to sign in with');
  });

  test('none is for this machine alone', () => {
    expect(read({ login: 'none' }, {}).login).toEqual({ kind: 'none' });
    for (const more of [
      { 'listen-socket': '/run/s' },
      { 'behind-https': true },
      { 'public-url': 'http://127.0.0.1/' },
      { listen: '192.0.2.1:8002', 'public-url': 'https://ops.example/' },
    ]) {
      expect(() => read({ login: 'none', ...more })).toThrow('--login none is for loopback alone');
    }
  });

  test('by a header needs to know that it comes from the proxy', () => {
    const login = { login: 'header', 'login-header': 'X-Remote-User' };
    expect(() => read(login)).toThrow(/needs --login-secret-file FILE or --listen-socket PATH/);
    expect(read({ ...login, 'listen-socket': '/run/s' }).login).toEqual({
      ...{ kind: 'header', name: 'X-Remote-User', secret: undefined },
    });
    expect(read({ ...login, 'login-secret-file': file('abc') }).login).toMatchObject({ secret: 'abc' });
    expect(() => read({ login: 'header' })).toThrow('needs --login-header');
    expect(() => read({ ...login, 'login-header': 'a b', 'listen-socket': '/run/s' })).toThrow('no name of a header');
  });

  test('by a password needs its file, in which every line is right', async () => {
    const hash = await hashPassword('correct horse', { N: 2, r: 8, p: 1 });
    expect(() => read({ login: 'password' })).toThrow('needs --password-file');
    expect(read({ login: 'password', 'password-file': file(`ada:operate:${hash}\n`) }).login.kind).toBe('password');
    const open = read({ login: 'password', 'password-file': file(`ada:view:${hash}\n`, 0o644) });
    expect(open.warnings).toEqual([expect.stringContaining('0600')]);
    for (const text of ['', 'ada:hunter2', `ada:admin:${hash}`, `ada:view:${hash}\nada:operate:${hash}`]) {
      expect(() => read({ login: 'password', 'password-file': file(text) })).toThrow(/^(?!.*hunter2)--password-file: /);
    }
    expect(() => read({ login: 'password', 'password-file': '/nowhere' })).toThrow('there is no such file');
  });

  test('options of another way are no mistake that goes unseen', () => {
    expect(() => read({ 'password-file': '/x' })).toThrow('--password-file says nothing with --login token');
    expect(() => read({ login: 'none', 'login-header': 'X' })).toThrow('--login-header says nothing with --login none');
    expect(() => read({ 'password-file': '/x' }, TOKEN, HUB)).toThrow('for a service of a Hub');
    expect(read({}, TOKEN, HUB).login).toEqual({ kind: 'hub' });
  });
});
