import { beforeAll, describe, expect, test } from 'vitest';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { asTraefikWrites } from '../../support/traefik-writing.ts';
import { describeCombinations } from './combinations.ts';
import { parseHead, type RawBackend, startRawBackend } from './raw-backend.ts';

describeCombinations(({ start, driver, differs, otherwise }) => {
  let box: Signalbox;
  let backend: RawBackend;
  let root: RawBackend;

  beforeAll(async () => {
    const reply = (_: string, socket: { write(text: string): unknown }) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    backend = await startRawBackend(reply);
    root = await startRawBackend(reply);
    box = await start({
      '/': root.url,
      '/user/ada': backend.url,
      '/user/a@b': backend.url,
      '/user/ünï': backend.url,
      '/user/has space': backend.url,
      "/user/$p~c|a! ch@rs;'": backend.url,
      '/user/50%': backend.url,
    });
  });

  /** What of a target the backend gets. */
  const passedOn = (target: string) => (otherwise('path-spelling') ? asTraefikWrites(target) : target);

  /** Sends a target byte for byte; what the given backend got of it. */
  async function pass(target: string, to: RawBackend = backend): Promise<string | undefined> {
    const before = to.heads.length;
    const { status } = await rawRequest({ port: box.port, target });
    expect(status).toBe(200);
    expect(to.heads.length).toBe(before + 1);
    return parseHead(to.heads.at(-1) ?? '').target;
  }

  describe(`the backend gets the path as ${driver === 'traefik' ? 'Traefik writes it' : 'it was sent'}`, () => {
    test.each([
      '/user/ada',
      '/user/ada/',
      '/user/ada//',
      '//user/ada/x',
      '/user/ada/a//b///c',
      '/user/ada/a%2Fb%2fc',
      '/user/ada/%20%25%2B+%3F%23',
      '/user/ada/%2525',
      '/user/ada/@/%40',
      '/user/ada/;v=1;w=2',
      '/user/ada/\'"`!()*,:=&$[]{}|^<>%5C',
      '/user/ada/%E2%82%AC/gr%C3%BC%c3%9fe',
      '/user/ada/%ff%fe',
      '/user/ada/~/.hidden/...',
      '/user/ada/./x',
      '/user/ada/y/../x',
      '/user/ada/y/%2e%2e/x',
      '/user/ada?',
      '/user/ada/x?',
      '/user/ada??',
      '/user/ada?a=b&c=%26%3D%25&d=+%2B&e',
      '/user/ada?//a/../b/./c;d',
      '/user/ada?next=/hub/%2Fuser%2F?x=%3F',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is nginx's syntax
      '/user/ada?\'"`$host${uri}\\{}|^[]<>',
      '/user/%61da/x',
      '/%75ser/ada/x',
      '/user/x/../ada/y',
      '/user/a@b/x',
      '/user/a%40b/x',
      '/user/%C3%BCn%c3%af/x',
      '/user/has%20space/x',
      "/user/$p~c%7Ca!%20ch@rs;'/x",
      '/user/%24p~c|a!%20ch%40rs%3B%27/x',
      '/user/50%25/x',
    ])('%s', async (target) => {
      expect(await pass(target)).toBe(passedOn(target));
    });

    test('an encoded slash between the segments of the routespec', async () => {
      expect(await pass('/user%2Fada/x%2Fy')).toBe(
        otherwise('path-spelling') ? '/user/ada/x%2Fy' : '/user%2Fada/x%2Fy',
      );
    });

    test('unicode that was not encoded', async () => {
      const target = Buffer.from('/user/ünï/€?q=ß').toString('latin1');
      expect(await pass(target)).toBe(passedOn(target));
    });

    test.each(['/', '//', '/?', '/?q=/user/ada', '/x%2Fy?z', '/user', '/%2e/x', '/*'])(
      'on the root route: %s',
      async (target) => {
        expect(await pass(target, root)).toBe(passedOn(target));
      },
    );

    test.each([255, 256, 4_096, 16 * 1024])('a URI of %i bytes', async (size) => {
      const inPath = `/user/ada/${'p'.repeat(size - 10)}`;
      expect(await pass(inPath)).toBe(inPath);
      const inQuery = `/user/ada?q=${'%20'.repeat((size - 12) / 3)}`;
      expect(await pass(inQuery)).toBe(inQuery);
      const manySegments = `/user/ada${'/s'.repeat((size - 9) / 2)}`;
      expect(await pass(manySegments)).toBe(manySegments);
      const longSegment = `/${'r'.repeat(size - 1)}`;
      expect(await pass(longSegment, root)).toBe(longSegment);
      const encoded = `/user/ada/${'%C3%BC'.repeat((size - 10) / 6)}`;
      expect(await pass(encoded)).toBe(encoded);
    });
  });

  test('of an absolute URI the backend gets the path', async () => {
    expect(await pass('http://hub.example/user/ada/x%2Fy?q')).toBe('/user/ada/x%2Fy?q');
  });

  test('a semicolon in a query parts nothing, also where it is encoded on the way', async () => {
    const target = otherwise('query-semicolons') ? '/user/ada?a=b%3Bc&d' : '/user/ada?a=b;c&d';
    expect(await pass('/user/ada?a=b;c&d')).toBe(target);
  });

  differs('fragments')('a fragment, which no client should send, stays', async () => {
    expect(await pass('/user/ada/x#fragment')).toBe('/user/ada/x#fragment');
  });

  differs('backslashes')('the proxy refuses a backslash with 400', async () => {
    expect((await rawRequest({ port: box.port, target: '/user/ada/x\\y' })).status).toBe(400);
  });

  differs('hidden-dots')('the proxy refuses dot segments that only decoding brings to light with 400', async () => {
    expect((await rawRequest({ port: box.port, target: '/user/ada/y/..%2fx' })).status).toBe(400);
  });

  test.each([
    ['a path that cannot be decoded', '/user/ada/%zz'],
    ['no path', 'user/ada'],
  ])('the proxy refuses %s with 400', async (_, target) => {
    expect((await rawRequest({ port: box.port, target })).status).toBe(400);
  });

  differs('above-the-root')('the proxy refuses a path that leads above the root with 400', async () => {
    expect((await rawRequest({ port: box.port, target: '/../user/ada' })).status).toBe(400);
  });

  differs('nul-in-path')('the proxy refuses a NUL with 400', async () => {
    expect((await rawRequest({ port: box.port, target: '/user/ada/%00' })).status).toBe(400);
  });

  test('the proxy refuses an asterisk', async () => {
    expect([400, 404]).toContain((await rawRequest({ port: box.port, target: '*' })).status);
  });

  differs('long-uris')('a URI that is longer than all buffers gets 414', async () => {
    expect((await rawRequest({ port: box.port, target: `/user/ada/${'p'.repeat(80 * 1024)}` })).status).toBe(414);
  });
});
