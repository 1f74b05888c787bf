import {
  appendFileSync,
  closeSync,
  copyFileSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Tail } from '../../../src/activity/tail.ts';
import type { LogCursor } from '../../../src/store/store.ts';
import { removeUnreadable, unreadableLogs } from '../../support/surroundings/unreadable-log.ts';
import { makeTempDir } from '../../support/tmp.ts';

let path: string;
let lines: string[];
let skipped: number;
let now: number;

beforeEach(() => {
  path = join(makeTempDir(), 'access.log');
  lines = [];
  skipped = 0;
  now = 1_000_000;
});

function tail(cursor?: LogCursor): Tail {
  const onLine = (bytes: Buffer, from: number, to: number) => lines.push(bytes.toString('utf8', from, to));
  return new Tail(path, onLine, () => skipped++, cursor);
}

function drain(one: Tail): void {
  while (one.poll(now));
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}`);
const text = (from: number, to: number) => `${numbered(from, to).join('\n')}\n`;

describe('a log that grows', () => {
  test('is read as it grows, each line once', () => {
    const one = tail();
    drain(one);
    writeFileSync(path, text(1, 3));
    drain(one);
    appendFileSync(path, text(4, 5));
    drain(one);
    drain(one);
    expect(lines).toEqual(numbered(1, 5));
  });

  test('may appear later', () => {
    const one = tail();
    drain(one);
    expect(one.cursor).toBeUndefined();
    writeFileSync(path, text(1, 1));
    drain(one);
    expect(lines).toEqual(numbered(1, 1));
  });

  test('may end in a part of a line, which waits for its rest', () => {
    const one = tail();
    writeFileSync(path, 'line 1\nlin');
    drain(one);
    expect(lines).toEqual(['line 1']);
    expect(one.cursor?.offset).toBe(7);
    appendFileSync(path, 'e 2');
    drain(one);
    appendFileSync(path, '\n');
    drain(one);
    expect(lines).toEqual(numbered(1, 2));
  });

  test('may have lines across the borders of slices', () => {
    const long = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${'x'.repeat(index % 40)}`);
    writeFileSync(path, `${long.join('\n')}\n`);
    drain(tail());
    expect(lines).toEqual(long);
  });

  test('may have NULs, empty lines and garbage', () => {
    writeFileSync(
      path,
      Buffer.concat([Buffer.alloc(3_000_000), Buffer.from('line 1\n\n\0\0line 2\n\xff\xfe\n', 'latin1')]),
    );
    const one = tail();
    drain(one);
    expect(lines.slice(0, 2)).toEqual(numbered(1, 2));
    expect(lines).toHaveLength(3);
    expect(skipped).toBe(0);
  });

  test('may have lines of a megabyte and more, which are skipped in bounded memory', () => {
    const one = tail();
    writeFileSync(path, `line 1\n${'x'.repeat(1_000_000)}\nline 2\n`);
    drain(one);
    expect(lines.map((line) => line.length)).toEqual([6, 1_000_000, 6]);
    appendFileSync(path, `${'y'.repeat(5_000_000)}`);
    drain(one);
    appendFileSync(path, `${'y'.repeat(5_000_000)}\nline 3\n`);
    drain(one);
    expect(lines.slice(3)).toEqual(['line 3']);
    expect(skipped).toBe(1);
  });

  test('is read a bounded slice at a time', () => {
    writeFileSync(path, text(1, 200_000));
    const one = tail();
    expect(one.poll(now)).toBe(true);
    expect(lines.length).toBeLessThan(40_000);
    expect(one.backlog).toBeGreaterThan(1_000_000);
  });

  test('must be a file', () => {
    mkdirSync(path);
    expect(() => tail().poll(now)).toThrow('is not a file');
  });
});

describe('rename and create', () => {
  test('loses nothing, also of writers that move on late, and shows new lines at once', () => {
    writeFileSync(path, text(1, 2));
    const one = tail();
    drain(one);
    const late = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    writeSync(late, text(3, 3));
    writeFileSync(path, text(4, 4));
    drain(one);
    expect(lines).toEqual(numbered(1, 4));
    now += 3_000;
    writeSync(late, text(5, 5));
    drain(one);
    now += 3_000;
    drain(one);
    expect(one.isSettled).toBe(false);
    expect(lines).toEqual(numbered(1, 5));
    now += 3_000;
    drain(one);
    expect(one.isSettled).toBe(true);
  });

  test('goes on with the old file as long as the new one is empty', () => {
    writeFileSync(path, text(1, 1));
    const one = tail();
    drain(one);
    const late = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    writeFileSync(path, '');
    drain(one);
    now += 3_600_000;
    drain(one);
    writeSync(late, text(2, 2));
    drain(one);
    expect(lines).toEqual(numbered(1, 2));
  });

  test('may come twice between two looks', () => {
    writeFileSync(path, text(1, 3));
    const one = tail();
    drain(one);
    renameSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, text(4, 5));
    writeFileSync(path, text(6, 6));
    drain(one);
    expect(lines).toEqual(numbered(1, 6));
    // The next one finds the same files under other names, and reads none of them again.
    renameSync(`${path}.2`, `${path}.3`);
    renameSync(`${path}.1`, `${path}.2`);
    renameSync(path, `${path}.1`);
    writeFileSync(path, text(7, 7));
    drain(one);
    expect(lines).toEqual(numbered(1, 7));
  });

  test('may keep the extension of the name', () => {
    for (const rotated of ['access-20261128.log', 'access.1.log']) {
      lines = [];
      rmSync(path, { force: true });
      writeFileSync(path, text(1, 3));
      const one = tail();
      drain(one);
      const { cursor } = one;
      one.close();
      appendFileSync(path, text(4, 4));
      renameSync(path, path.replace('access.log', rotated));
      writeFileSync(path, text(5, 5));
      drain(tail(cursor));
      expect(lines, rotated).toEqual(numbered(1, 5));
    }
  });

  test('may come several times between two looks of a reader that was away', () => {
    writeFileSync(path, text(1, 3));
    const one = tail();
    drain(one);
    const { cursor } = one;
    one.close();
    appendFileSync(path, text(4, 4));
    renameSync(path, `${path}.2`);
    writeFileSync(`${path}.1`, text(5, 6));
    writeFileSync(path, text(7, 7));
    lines = [];
    drain(tail(cursor));
    expect(lines).toEqual(numbered(4, 7));
  });
});

describe.each(Object.entries(unreadableLogs))('a log that %s stands in for after its rotation', (_, makeUnreadable) => {
  test('is read on, old and new, as soon as it can be, and no descriptor is closed twice', () => {
    writeFileSync(path, text(1, 1));
    const one = tail();
    drain(one);
    const late = openSync(path, 'a');
    renameSync(path, `${path}.1`);
    makeUnreadable(path);
    // More often than there are files that a reader holds on to.
    for (let poll = 0; poll < 20; poll++) {
      expect(() => drain(one)).toThrow();
      expect(one.backlog).toBe(0);
    }
    // Whoever gets the number of a descriptor that was closed loses it with a second close.
    const others = Array.from({ length: 20 }, () => openSync(path.replace(/[^/]*$/, ''), 'r'));
    writeSync(late, text(2, 2));
    expect(() => drain(one)).toThrow();
    removeUnreadable(path);
    writeFileSync(path, text(3, 3));
    drain(one);
    now += 60_000;
    drain(one);
    one.close();
    expect(lines).toEqual(numbered(1, 3));
    for (const fd of [...others, late]) closeSync(fd);
  });

  test('is read from where it was by a reader that starts meanwhile', () => {
    writeFileSync(path, text(1, 2));
    const one = tail();
    drain(one);
    const { cursor } = one;
    one.close();
    const aside = join(makeTempDir(), 'aside');
    renameSync(path, aside);
    makeUnreadable(path);
    const next = tail(cursor);
    expect(() => drain(next)).toThrow();
    removeUnreadable(path);
    renameSync(aside, path);
    appendFileSync(path, text(3, 3));
    drain(next);
    expect(lines).toEqual(numbered(1, 3));
  });
});

describe('copytruncate', () => {
  test('is seen when the file has grown to the very byte where it was', () => {
    writeFileSync(path, text(1, 3));
    const one = tail();
    drain(one);
    truncateSync(path);
    appendFileSync(path, text(4, 6));
    utimesSync(path, new Date(), new Date(Date.now() + 1_000));
    drain(one);
    expect(lines).toEqual(numbered(1, 6));
  });

  test('leaves half a line to its rest in the copy', () => {
    writeFileSync(path, 'line 1\nlin');
    const one = tail();
    drain(one);
    appendFileSync(path, 'e 2\n');
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(3, 3));
    drain(one);
    expect(lines.toSorted()).toEqual(numbered(1, 3));
  });

  test('begins again at the front', () => {
    writeFileSync(path, text(1, 5));
    const one = tail();
    drain(one);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(6, 6));
    drain(one);
    expect(lines).toEqual(numbered(1, 6));
  });

  test('is seen when the file has grown beyond where it was', () => {
    writeFileSync(path, text(1, 2));
    const one = tail();
    drain(one);
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(3, 30));
    drain(one);
    expect(lines).toEqual(numbered(1, 30));
  });

  test('what was not read before the cut is read from the copy', () => {
    writeFileSync(path, text(1, 2));
    const one = tail();
    drain(one);
    appendFileSync(path, text(3, 4));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(5, 5));
    drain(one);
    expect(lines.toSorted()).toEqual(numbered(1, 5));
  });

  test('while nobody read is caught up from the copy', () => {
    writeFileSync(path, text(1, 2));
    const one = tail();
    drain(one);
    const { cursor } = one;
    appendFileSync(path, text(3, 4));
    copyFileSync(path, `${path}.1`);
    truncateSync(path);
    appendFileSync(path, text(5, 50));
    lines = [];
    drain(tail(cursor));
    expect(lines).toEqual(numbered(3, 50));
  });

  test('may leave a hole, of a writer that does not append', () => {
    const fd = openSync(path, 'w');
    writeSync(fd, text(1, 500));
    const one = tail();
    drain(one);
    ftruncateSync(fd);
    writeSync(fd, text(501, 502));
    expect(statSync(path).size).toBeGreaterThan(4_000);
    drain(one);
    expect(lines).toEqual(numbered(1, 502));
  });
});

describe('a reader that starts again', () => {
  test('goes on where it was', () => {
    writeFileSync(path, 'line 1\nline 2\nlin');
    const one = tail();
    drain(one);
    const { cursor } = one;
    one.close();
    appendFileSync(path, 'e 3\n');
    drain(tail(cursor));
    expect(lines).toEqual(numbered(1, 3));
  });

  test('takes another file of the same inode for what it is', () => {
    writeFileSync(path, text(1, 3));
    const one = tail();
    drain(one);
    const { cursor } = one;
    one.close();
    truncateSync(path);
    appendFileSync(path, text(4, 40));
    lines = [];
    drain(tail(cursor));
    expect(lines).toEqual(numbered(4, 40));
  });

  test('begins at the front when its file is gone', () => {
    writeFileSync(path, text(1, 3));
    const one = tail();
    drain(one);
    const { cursor } = one;
    one.close();
    rmSync(path);
    writeFileSync(path, text(4, 5));
    lines = [];
    drain(tail(cursor));
    expect(lines).toEqual(numbered(4, 5));
  });

  test('does not take the rest of a line that was being skipped for a line', () => {
    writeFileSync(path, `line 1\n${'x'.repeat(3_000_000)}`);
    const one = tail();
    drain(one);
    const { cursor } = one;
    one.close();
    appendFileSync(path, 'xxx\nline 2\n');
    drain(tail(cursor));
    expect(lines).toEqual(numbered(1, 2));
  });

  test('reads nothing twice, wherever it was stopped', () => {
    const all = text(1, 300);
    for (const stop of [1, 7, 8, 100, 1500, 2000, all.length]) {
      lines = [];
      writeFileSync(path, all.slice(0, stop));
      const one = tail();
      drain(one);
      const { cursor } = one;
      one.close();
      appendFileSync(path, all.slice(stop));
      drain(tail(cursor));
      expect(lines).toEqual(numbered(1, 300));
    }
  });
});
