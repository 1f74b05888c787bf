import { expect, it } from 'vitest';
import { contradictions, type Happening } from '../support/history.ts';

const write = (
  generation: number,
  began: number,
  ended: number,
  put: Record<string, string | undefined>,
  whole = false,
): Happening => ({ kind: 'write', generation, began, ended, write: { whole, put } });
const read = (generation: number, began: number, ended: number, table: Record<string, string>): Happening => ({
  kind: 'read',
  generation,
  began,
  ended,
  table,
});
const visit = (began: number, ended: number, key: string, target?: string): Happening => ({
  kind: 'visit',
  began,
  ended,
  key,
  target,
});
const unknown = (began: number, put: Record<string, string | undefined>): Happening => ({
  kind: 'unknown',
  began,
  ended: began + 1,
  write: { whole: false, put },
});

it('finds nothing in a history of one table', () => {
  const history = [
    write(1, 0, 10, { '/a': 'x' }),
    write(2, 5, 12, { '/b': 'y' }),
    read(1, 6, 9, { '/a': 'x' }),
    read(2, 13, 14, { '/a': 'x', '/b': 'y' }),
    visit(13, 15, '/a', 'x'),
    write(3, 20, 30, { '/c': 'z' }, true),
    visit(21, 22, '/a', 'x'),
    visit(21, 29, '/a'),
    visit(31, 32, '/a'),
    visit(31, 32, '/c', 'z'),
    read(3, 31, 33, { '/c': 'z' }),
  ];
  expect(contradictions(history)).toEqual([]);
});

it('finds an answer that is older than one that was there before', () => {
  expect(contradictions([write(5, 0, 1, { '/a': 'x' }), read(4, 2, 3, {})])).toHaveLength(1);
  expect(contradictions([write(5, 0, 1, { '/a': 'x' }), write(5, 2, 3, { '/b': 'x' })])).toHaveLength(1);
  expect(contradictions([write(5, 0, 3, { '/a': 'x' }), write(4, 2, 3, { '/b': 'x' })])).toEqual([]);
});

it('finds a read that lacks a write, or has one of which nobody has heard', () => {
  const first = write(1, 0, 1, { '/a': 'x' });
  expect(contradictions([first, read(1, 2, 3, {})])).toEqual([expect.stringContaining('undefined at /a, not x')]);
  expect(contradictions([first, read(1, 2, 3, { '/a': 'y' })])).toHaveLength(1);
  expect(contradictions([first, write(2, 2, 3, { '/a': undefined }), read(2, 4, 5, { '/a': 'x' })])).toHaveLength(1);
});

it('finds a user who gets what was there before a change was answered', () => {
  const history = [write(1, 0, 1, { '/a': 'x' }), write(2, 2, 3, { '/a': 'y' })];
  expect(contradictions([...history, visit(4, 5, '/a', 'x')])).toEqual([expect.stringContaining('got x, not y')]);
  expect(contradictions([...history, visit(4, 5, '/a')])).toHaveLength(1);
  expect(contradictions([write(1, 0, 1, { '/b': 'x' }, true), visit(2, 3, '/a', 'x')])).toHaveLength(1);
});

it('lets a write of which nobody knows be done, or not, from its beginning on', () => {
  const history = [write(1, 0, 1, { '/a': 'x' }), unknown(5, { '/a': 'y' })];
  for (const target of ['x', 'y']) {
    expect(contradictions([...history, visit(9, 10, '/a', target), read(1, 9, 10, { '/a': target })])).toEqual([]);
  }
  expect(contradictions([...history, visit(2, 3, '/a', 'y')])).toHaveLength(1);
  expect(contradictions([...history, read(1, 2, 3, { '/a': 'y' })])).toHaveLength(1);
});
