import { describe, expect, test } from 'vitest';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatRate,
  formatShare,
  formatSpan,
  plural,
  visible,
  visibleLines,
} from '../../../../src/dashboard/page/format.ts';

const NOW = Date.parse('2026-11-30T14:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

test.each([
  [0, '0 ms'],
  [0.004, '0.01 ms'],
  [0.42, '0.42 ms'],
  [1.44, '1.4 ms'],
  [84.4, '84 ms'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [3_000, '3.0 s'],
  [9_949, '9.9 s'],
  [9_951, '10 s'],
  [99_400, '99 s'],
  [180_000, '3 min'],
])('%d ms is %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [0, 'just now'],
  [999, 'just now'],
  [12 * SECOND, '12 s ago'],
  [59_999, '59 s ago'],
  [MINUTE, '1 min ago'],
  [25 * HOUR, '1 d ago'],
  // Clocks of two machines never agree to the millisecond.
  [-2 * SECOND, 'just now'],
  [-HOUR, 'in the future'],
])('what was %d ms ago was %s', (ms, text) => {
  expect(formatAge(NOW - ms, NOW)).toBe(text);
});

test.each([
  [-5, '0 s'],
  [400, '0 s'],
  [8 * SECOND, '8 s'],
  [7 * MINUTE + 5 * SECOND, '7 min 5 s'],
  [12 * MINUTE + 5 * SECOND, '12 min'],
  [3 * HOUR, '3 h'],
  [3 * DAY + 4 * HOUR + MINUTE, '3 d 4 h'],
  [40 * DAY + 4 * HOUR, '40 d'],
])('a span of %d ms is %s', (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

test.each([
  [0, '0 B'],
  [1_023, '1,023 B'],
  [1_024, '1 KiB'],
  [1_500_000, '1.4 MiB'],
  [1_048_575, '1 MiB'],
  [2 ** 60, '1,024 PiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, '0'],
  [0.04, '0.04'],
  [1.25, '1.3'],
  [99.96, '100'],
  [412.3, '412'],
  [12_345.6, '12,346'],
])('a rate of %d is %s', (rate, text) => {
  expect(formatRate(rate)).toBe(text);
});

test('a share is 0 or 100 % only if it is none or all', () => {
  expect(formatShare(0, 0)).toBe('0 %');
  expect(formatShare(0, 10)).toBe('0 %');
  expect(formatShare(1, 100_000)).toBe('< 0.1 %');
  expect(formatShare(37, 12_369)).toBe('0.3 %');
  expect(formatShare(1, 3)).toBe('33 %');
  expect(formatShare(99_999, 100_000)).toBe('> 99.9 %');
  expect(formatShare(10, 10)).toBe('100 %');
});

test('numbers have separators, and nouns their plural', () => {
  expect(formatCount(10_002)).toBe('10,002');
  expect(plural(1, 'route')).toBe('1 route');
  expect(plural(0, 'route')).toBe('0 routes');
});

describe('what others have named', () => {
  test.each([
    ['gnp.\u202eexe', 'gnp.‹U+202E›exe'],
    ['a\nb\tc\0', 'a‹U+000A›b‹U+0009›c‹U+0000›'],
    ['a\u200b\ufeff\u2028\u0085', 'a‹U+200B›‹U+FEFF›‹U+2028›‹U+0085›'],
    ['  ', '‹U+0020›‹U+0020›'],
    [' a b ', '‹U+0020›a b‹U+0020›'],
    ['\u2066a\u2069\u061c', '‹U+2066›a‹U+2069›‹U+061C›'],
  ])('shows what can not be seen, or turns the text around: %j', (name, shown) => {
    expect(visible(name)).toBe(shown);
  });

  test.each(['ada', 'עברית', '👩‍👩‍👧', 'e\u0301', 'a  b', '<b>', '中文', '\ud800'])('stays as it is: %j', (name) => {
    expect(visible(name)).toBe(name);
  });

  test('keeps the lines of a text of several', () => {
    expect(visibleLines('{\n\t"a": "\u202e"\r\n}')).toBe('{\n\t"a": "‹U+202E›"‹U+000D›\n}');
  });
});
