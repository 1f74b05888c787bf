import { expect, it } from 'vitest';
import { refuses } from '../../../src/proxies/nginx/refuses.ts';

const unix = (path: string) => `http+unix://${encodeURIComponent(path)}/base`;

it('sockets that nginx can not connect to are refused', () => {
  for (const [path, why] of [
    ['/run/a:b.sock', 'has a colon'],
    ['/run/a\nb.sock', 'control character'],
    [`/${'s'.repeat(107)}`, 'longer than the 107 bytes'],
  ] as const) {
    expect(refuses({ key: '/x', target: unix(path) })).toMatchObject({
      of: 'target',
      message: expect.stringContaining(why),
    });
  }
  // The last ones are no URLs of sockets: they are taken and answer 500, as with configurable-http-proxy.
  for (const target of [unix('/run/a b.sock'), unix(`/${'s'.repeat(106)}`), 'http+unix://', 'http+unix://%zz', 'x']) {
    expect(refuses({ key: '/x', target })).toBeUndefined();
  }
});
