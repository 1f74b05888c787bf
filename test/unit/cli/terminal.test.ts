import { expect, it } from 'vitest';
import { isTerminal } from '../../../src/cli/process-io.ts';
import { painter, printable } from '../../../src/cli/terminal-text.ts';

it.each([
  ['a terminal', true, { TERM: 'xterm' }, true],
  ['a pipe', undefined, { TERM: 'xterm' }, false],
  ['NO_COLOR', true, { TERM: 'xterm', NO_COLOR: '1' }, false],
  // https://no-color.org: "when present and not an empty string"
  ['an empty NO_COLOR', true, { TERM: 'xterm', NO_COLOR: '' }, true],
  ['TERM=dumb', true, { TERM: 'dumb' }, false],
])('colours with %s: %s, %j → %s', (_, isTTY, env, expected) => {
  expect(isTerminal(isTTY, env)).toBe(expected);
});

it('text stays as it is where there are no colours', () => {
  expect(painter(false)('red', 'x')).toBe('x');
  expect(painter(true)('red', 'x')).toBe('\u001b[31mx\u001b[0m');
});

it('what would steer a terminal is shown and not sent', () => {
  expect(printable('a\u001b[2J\u202eb\nc')).toBe('a\\u001b[2J\\u202eb\\u000ac');
});
