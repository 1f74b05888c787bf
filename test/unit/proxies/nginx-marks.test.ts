import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Marks } from '../../../src/proxies/nginx/marks.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

let dir: string;
let marks: Marks;
const mayUse = (digest: string) => existsSync(join(dir, `settled-${digest}`));
const isMarked = (digest: string, prefix: string) => existsSync(join(dir, `settled-${digest}`, prefix));

beforeEach(() => {
  dir = makeTempDir();
  marks = new Marks(dir);
});

describe('marks', () => {
  it('say for the newest configuration which routes have changed since', () => {
    marks.begin('a1', 2);
    marks.mark(['/user/ada', '/user/bob/lab']);
    expect(mayUse('a1')).toBe(true);
    expect([isMarked('a1', '/user/ada'), isMarked('a1', '/user/bob'), isMarked('a1', '/user/eve')]).toEqual([
      ...[true, true, false],
    ]);
    expect([marks.isChanged('a1', '/user/bob/x'), marks.isChanged('a1', '/user/eve')]).toEqual([true, false]);
  });

  it('are made in both while one configuration follows another, and then in the newer one alone', () => {
    marks.begin('a1', 2);
    marks.begin('b2', 1);
    marks.mark(['/user/ada']);
    expect([isMarked('a1', '/user/ada'), isMarked('b2', '/user')]).toEqual([true, true]);
    marks.only('b2');
    expect([mayUse('a1'), mayUse('b2')]).toEqual([false, true]);
    expect(marks.isChanged('a1', '/user/eve')).toBe(true);
  });

  it('begin anew when a configuration is rendered again', () => {
    marks.begin('a1', 2);
    marks.mark(['/user/ada']);
    marks.begin('a1', 2);
    expect([mayUse('a1'), isMarked('a1', '/user/ada')]).toEqual([true, false]);
  });

  it.each([
    ['a key with fewer segments', (): string[] => ['/user']],
    ['many keys at once', (): string[] => Array.from({ length: 101 }, (_, i) => `/user/u${i}`)],
    ['a key of which no mark can be made', (): string[] => [`/user/${'u'.repeat(300)}`]],
  ])('end the use of rows at %s', (_, keys) => {
    marks.begin('a1', 2);
    marks.mark(keys());
    expect(mayUse('a1')).toBe(false);
    expect(marks.anyChanged('a1')).toBe(true);
    // What comes later is not held up by it.
    marks.mark(['/user/ada']);
  });

  it('end the use of rows when very many have been made', () => {
    marks.begin('a1', 2);
    for (let i = 0; i < 1_000; i++) marks.mark([`/user/u${i}`]);
    expect(mayUse('a1')).toBe(true);
    marks.mark(['/user/u1000']);
    expect(mayUse('a1')).toBe(false);
  });

  it('of an earlier daemon go at the start, whatever else lies there stays', async () => {
    mkdirSync(join(dir, 'settled-f00'));
    writeFileSync(join(dir, 'settled-f00', 'x'), '');
    mkdirSync(join(dir, 'table-1'));
    marks.open();
    await until(() => readdirSync(dir).join() === 'table-1', { what: 'the rest to go' });
  });

  it('do not bring rows back that somebody took away', () => {
    marks.begin('a1', 2);
    marks.mark(['/user/ada']);
    rmSync(join(dir, 'settled-a1'), { recursive: true });
    marks.mark(['/user/bob']);
    expect(mayUse('a1')).toBe(false);
  });

  it('are taken away whatever an earlier daemon left half removed', async () => {
    const left = ['settled-a', 'settled-b', 'settled-c', 'gone-0', 'gone-1', 'settled.gone-0', 'settled.gone-1'];
    for (const name of left) mkdirSync(join(dir, name, 'user/ada'), { recursive: true });
    marks.open();
    for (const digest of ['a', 'b', 'c']) expect(mayUse(digest)).toBe(false);
  });

  it('have no folder to be made in: then there are no rows, and nothing fails', () => {
    marks = new Marks(join(dir, 'not/there'));
    marks.open();
    marks.begin('a1', 2);
    marks.mark(['/user/ada']);
    expect(marks.isChanged('a1', '/user/ada')).toBe(true);
  });
});
