import { describe, expect, it } from 'vitest';
import { Pins } from '../../../src/proxies/nginx/pins.ts';

/** Routes to so many backends, the first of them used last. */
function table(count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`/user/u${i}`, `http/10.0.0.1:${1000 + i}/prefix`]);
}
const lastActivity = (key: string) => -Number(key.slice('/user/u'.length));
const never = () => 0;

describe('what is to be pinned', () => {
  it('is each address once, sorted, without what leads nowhere', () => {
    const entries: [string, string][] = [
      ['/b', 'http/127.0.0.1:2/base'],
      ['/a', 'http/127.0.0.1:1'],
      ['/a2', 'http/127.0.0.1:1/other/?k=v'],
      ['/s', 'unix/run/app.sock:/x'],
      ['/n', 'none'],
      ['/d', 'dead'],
      ['/x', 'bad'],
    ];
    expect(new Pins(10).wanted(entries, never)).toEqual(['http/127.0.0.1:1', 'http/127.0.0.1:2', 'unix/run/app.sock:']);
  });

  it('is what was used last where there are more than pins', () => {
    expect(new Pins(2).wanted(table(5).reverse(), lastActivity)).toEqual(['http/10.0.0.1:1000', 'http/10.0.0.1:1001']);
  });

  it('is nothing where there are no pins', () => {
    expect(new Pins(0).wanted(table(5), never)).toEqual([]);
  });
});

describe('a reload for pins alone', () => {
  function isWorth(max: number, pinned: number, wanted: number, shift = 0): boolean {
    const pins = new Pins(max);
    const all = table(pinned + wanted + shift).map(([, target]) => target.slice(0, -'/prefix'.length));
    pins.renew(all.slice(0, pinned));
    return pins.isWorthReload(all.slice(shift, shift + wanted));
  }

  it.each([
    ['nothing is missing', false, [10, 5, 5]],
    ['there is room, and one is missing', true, [10, 5, 6]],
    ['pins are left over, which costs nobody anything', false, [10, 5, 3]],
    ['all pins are taken, and fewer than a tenth would be others', false, [100, 100, 100, 9]],
    ['all pins are taken, and a tenth would be others', true, [100, 100, 100, 10]],
  ] as const)('%s: %s', (_, worth, [max, pinned, wanted, shift]) => {
    expect(isWorth(max, pinned, wanted, shift)).toBe(worth);
  });
});
