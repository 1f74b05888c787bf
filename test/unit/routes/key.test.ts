import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKey, keyFromRequestPath, resolvePath } from '../../../src/routes/key.ts';

describe('the key of a request path', () => {
  it.each([
    ['', '/'],
    ['/', '/'],
    ['///', '/'],
    ['/user/alice', '/user/alice'],
    ['/user/alice/', '/user/alice'],
    ['/user/alice///', '/user/alice'],
    ['//user/alice', '/user/alice'],
    ['///user//alice', '/user//alice'],
    ['/user/alice?x=/y#z', '/user/alice'],
    ['/user/a%40b', '/user/a@b'],
    ['/user/a@b', '/user/a@b'],
    ['/user%2Falice', '/user/alice'],
    ['/user%2falice%2F', '/user/alice'],
    ['/%2F%2Fuser', '/user'],
    ['/user/%2540', '/user/%40'],
    ['/user/has%2520x', '/user/has%20x'],
    ['/a/../b/./c', '/b/c'],
    ['/a/%2e%2E/b', '/b'],
    ['/a/.%2e/b/%2e', '/b'],
    ['/../../b', '/b'],
    ['/a/%252e%252e', '/a/%2e%2e'],
    ['/a\\b', '/a/b'],
    ['/a%5Cb', '/a\\b'],
    ['/%C3%BC', '/ü'],
    ['/u%CC%88', '/u\u0308'],
    ['/%F0%9F%98%80', '/\u{1f600}'],
    ['/hash%23%3Fquestion', '/hash#?question'],
    ['/$p~c|a!%20ch@rs', '/$p~c|a! ch@rs'],
    ['/tab%09nl%0A', '/tab\tnl\n'],
    ['/__proto__', '/__proto__'],
    ['/a...b/...', '/a...b/...'],
    ['/.hidden', '/.hidden'],
  ])('%s is %s', (path, key) => {
    expect(keyFromRequestPath(path)).toBe(key);
  });

  it.each(['/%', '/%zz', '/%E4', '/%C3', '/%ED%A0%80', '/%00', '/a%2F..', '/..%2Fa', '/a%2F.%2Fb', '/%2F..'])(
    '%s is refused',
    (path) => {
      expect(() => keyFromRequestPath(path)).toThrow(
        expect.objectContaining({ code: 'BAD_ROUTESPEC', hint: expect.any(String) }),
      );
    },
  );

  it('has its host in lower case with host routing', () => {
    expect(keyFromRequestPath('/Host.Example/User/A', { hostRouting: true })).toBe('/host.example/User/A');
    expect(keyFromRequestPath('/Host.Example/', { hostRouting: true })).toBe('/host.example');
    expect(keyFromRequestPath('/', { hostRouting: true })).toBe('/');
    expect(keyFromRequestPath('/Host.Example/User/A')).toBe('/Host.Example/User/A');
  });
});

describe('a key that comes in JSON', () => {
  it.each([
    ['/', '/'],
    ['/user/alice/', '/user/alice'],
    ['//user//alice', '/user//alice'],
    ['/user/a%40b', '/user/a%40b'],
    ['/user/a?b#c', '/user/a?b#c'],
    ['/a\\b', '/a\\b'],
  ])('%s is %s', (given, key) => {
    expect(checkKey(given)).toBe(key);
  });

  it.each(['', 'user/alice', '__proto__', '/a\0', '/\ud800', '/a/../b', '/.', '/..', '/a/.'])(
    '%j is refused',
    (given) => {
      expect(() => checkKey(given)).toThrow(expect.objectContaining({ code: 'BAD_ROUTESPEC' }));
    },
  );
});

it('takes no long time for a long run of slashes', () => {
  const started = performance.now();
  checkKey(`/a${'/'.repeat(1_000_000)}b`);
  expect(performance.now() - started).toBeLessThan(500);
});

describe('for any key', () => {
  const accepts = (key: string) => {
    try {
      checkKey(key);
      return true;
    } catch {
      return false;
    }
  };
  const anyString = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('/', '.', '%', '2', 'e', 'a', '\\') }),
  );
  const anyKey = anyString.map((text) => `/${text}`).filter(accepts);

  it('normalising a second time changes nothing', () => {
    fc.assert(fc.property(anyKey, (key) => checkKey(checkKey(key)) === checkKey(key)));
  });

  it('its encoded form in a path leads back to it, with encoded slashes or plain ones', () => {
    fc.assert(
      fc.property(
        anyKey.map((key) => checkKey(key)),
        (key) => {
          expect(keyFromRequestPath(`/${encodeURIComponent(key)}`)).toBe(key);
          expect(keyFromRequestPath(key.split('/').map(encodeURIComponent).join('/'))).toBe(key);
        },
      ),
    );
  });

  it('has a leading slash, no trailing one and no segment that a client would resolve', () => {
    fc.assert(
      fc.property(anyString, (path) => {
        let key: string;
        try {
          key = keyFromRequestPath(path);
        } catch (error) {
          expect(error).toMatchObject({ code: 'BAD_ROUTESPEC' });
          return;
        }
        expect(key).toMatch(/^\/(?!\/)/);
        if (key !== '/') expect(key.endsWith('/')).toBe(false);
        expect(key.split('/')).not.toContain('..');
        expect(checkKey(key)).toBe(key);
      }),
    );
  });
});

describe('the path of a request', () => {
  it.each([
    ['//evil/api/routes', '//evil/api/routes'],
    ['/api/routes/../../api/routes/x?y', '/api/routes/x'],
    ['http://any.host:1/api/routes?x', '/api/routes'],
    ['/a b', '/a%20b'],
    ['\\\\evil\\x', '//evil/x'],
    ['*', undefined],
    ['http://', undefined],
  ])('of %s is %s', (raw, path) => {
    expect(resolvePath(raw)).toBe(path);
  });
});
