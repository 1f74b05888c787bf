import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Rotation } from '../../../src/activity/rotation.ts';
import { Tail } from '../../../src/activity/tail.ts';
import type { LogCursor } from '../../../src/store/store.ts';
import { makeTempDir } from '../../support/tmp.ts';

let path: string;
let lines: string[];
let now: number;
let signals: number;

beforeEach(() => {
  path = join(makeTempDir(), 'access.log');
  lines = [];
  now = 1_000_000;
  signals = 0;
});

const signal = () => ++signals > 0;

function start(maxBytes: number, reopen: (() => boolean) | undefined, cursor?: LogCursor) {
  const tail = new Tail(
    path,
    (bytes, from, to) => lines.push(bytes.toString('utf8', from, to)),
    () => undefined,
    cursor,
  );
  const make = () => writeFileSync(path, '', { flag: 'a', mode: 0o600 });
  const rotation = new Rotation({ path, make, reopen }, maxBytes);
  return {
    tail,
    step(stored = tail.cursor?.inode) {
      while (tail.poll(now));
      rotation.step(tail, stored, now);
    },
  };
}

describe('rotation', () => {
  test('leaves a small log alone', () => {
    writeFileSync(path, 'one\n');
    start(100, signal).step();
    expect(existsSync(`${path}.1`)).toBe(false);
  });

  test('moves a large one away, has the proxy open a new one, and removes the old one when all of it is read and stored', () => {
    writeFileSync(path, 'x'.repeat(100).concat('\n'));
    const { step, tail } = start(100, signal);
    step();
    expect(signals).toBe(1);
    expect(statSync(path)).toMatchObject({
      size: 0,
      mode: expect.toSatisfy((mode: number) => (mode & 0o777) === 0o600),
    });
    appendFileSync(`${path}.1`, 'late\n');
    appendFileSync(path, 'new\n');
    step();
    expect(existsSync(`${path}.1`)).toBe(true);
    now += 6_000;
    step(tail.cursor?.inode);
    // It is not stored yet that the old one is done with.
    step(0);
    expect(existsSync(`${path}.1`)).toBe(true);
    step();
    expect(existsSync(`${path}.1`)).toBe(false);
    expect(lines.map((line) => line.slice(0, 4))).toEqual(['xxxx', 'late', 'new']);
  });

  test('signals again when the proxy goes on with the old file', () => {
    writeFileSync(path, 'x'.repeat(100).concat('\n'));
    const { step } = start(100, signal);
    step();
    now += 11_000;
    step();
    expect(signals).toBe(2);
    expect(existsSync(`${path}.1`)).toBe(true);
  });

  test('never has more than one old file', () => {
    writeFileSync(path, 'x'.repeat(100).concat('\n'));
    const { step } = start(100, signal);
    step();
    appendFileSync(path, 'y'.repeat(300).concat('\n'));
    step();
    expect(readFileSync(`${path}.1`, 'utf8')).toMatch(/^x+\n$/);
    expect(signals).toBe(1);
  });

  test('empties the log in place where the proxy is not ours to signal', () => {
    const { step } = start(100, undefined);
    for (const text of ['x'.repeat(100), 'new']) {
      appendFileSync(path, `${text}\n`);
      step();
    }
    expect(statSync(path).size).toBe(4);
    expect(lines).toEqual(['x'.repeat(100), 'new']);
    expect(existsSync(`${path}.1`)).toBe(false);
  });

  test('and where it does not take our signals', () => {
    const refuse = () => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    };
    const { step } = start(100, refuse);
    appendFileSync(path, 'x'.repeat(100).concat('\n'));
    const { ino } = statSync(path);
    step();
    step();
    appendFileSync(path, 'new\n');
    step();
    expect(statSync(path)).toMatchObject({ ino, size: 4 });
    expect(lines.at(-1)).toBe('new');
    expect(existsSync(`${path}.1`)).toBe(false);
  });

  test.each([
    ['deleted', () => rmSync(path)],
    ['replaced by an empty one', () => replace('')],
    ['replaced by one with lines', () => replace('new\n')],
  ])('has the proxy open a log anew that was %s, until lines come into it', (_, harm) => {
    writeFileSync(path, 'one\n');
    const { step, tail } = start(100, signal);
    step();
    const proxy = openSync(path, 'a');
    harm();
    step();
    expect(signals).toBe(1);
    expect(existsSync(path)).toBe(true);
    writeSync(proxy, 'two\n');
    now += 11_000;
    step();
    expect(signals).toBe(2);
    closeSync(proxy);
    appendFileSync(path, 'three\n');
    step();
    now += 6_000;
    step();
    step();
    expect(tail.isSettled).toBe(true);
    now += 60_000;
    step();
    expect(signals).toBe(2);
    expect(lines.filter((line) => line !== 'new')).toEqual(['one', 'two', 'three']);
  });

  test('complains of a log that was deleted where the proxy is not ours to signal, as long as it writes into the old one', () => {
    writeFileSync(path, 'one\n');
    const { step } = start(100, undefined);
    step();
    const proxy = openSync(path, 'a');
    rmSync(path);
    expect(() => step()).toThrow('have the proxy open its logs anew');
    expect(existsSync(path)).toBe(true);
    // Nothing comes, so nobody knows.
    step();
    now += 6_000;
    writeSync(proxy, 'two\n');
    expect(() => step()).toThrow('have the proxy open its logs anew');
    closeSync(proxy);
    appendFileSync(path, 'three\n');
    now += 6_000;
    step();
    expect(lines).toEqual(['one', 'two', 'three']);
  });

  test('complains at the next start, too, until lines come', () => {
    writeFileSync(path, 'one\n');
    const first = start(100, undefined);
    first.step();
    const { cursor } = first.tail;
    first.tail.close();
    replace('');
    const { step } = start(100, undefined, cursor);
    expect(() => step()).toThrow('have the proxy open its logs anew');
    appendFileSync(path, 'two\n');
    step();
    expect(lines).toEqual(['one', 'two']);
  });
});

function replace(text: string): void {
  writeFileSync(`${path}-new`, text);
  renameSync(`${path}-new`, path);
}
