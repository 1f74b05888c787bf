import { describe, expect, it } from 'vitest';
import { Pins } from '../../../src/proxies/nginx/pins.ts';

/** Routes to so many backends, the first of them used last. */
function table(count: number): [string, string][] {
  return Array.from({ length: count }, (_, i) => [`/user/u${i}`, `http/10.0.0.1:${1000 + i}/prefix`]);
}
const lastActivity = (key: string) => -Number(key.slice('/user/u'.length));
const unused = { requests: () => 0, lastActivity: () => 0 };

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
    expect(new Pins(10).wanted(entries, unused)).toEqual([
      'http/127.0.0.1:1',
      'http/127.0.0.1:2',
      'unix/run/app.sock:',
    ]);
  });

  it('is what gets the most requests where there are more than pins, then what was used last', () => {
    const use = { requests: (key: string) => (key === '/user/u4' ? 9 : 0), lastActivity };
    expect(new Pins(2).wanted(table(5).reverse(), use)).toEqual(['http/10.0.0.1:1000', 'http/10.0.0.1:1004']);
  });

  it('is nothing where there are no pins', () => {
    expect(new Pins(0).wanted(table(5), unused)).toEqual([]);
  });
});
