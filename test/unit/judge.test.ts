import { beforeEach, expect, it, vi } from 'vitest';
import { judge } from '../../scripts/testing/judge.mjs';

const lines: string[] = [];

beforeEach(() => {
  lines.length = 0;
  const spy = vi.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  return () => spy.mockRestore();
});

const skip = (name: string, reason?: string, tests = 1) => ({ name, tests, ...(reason ? { reason } : {}) });

it('three tests that needed a second try are named, and a fourth fails npm test', () => {
  const retried = ['one', 'two', 'three'];
  expect(judge({ retried, skips: [] })).toBe(0);
  expect(lines.join('\n')).toContain('- one\n- two\n- three');
  expect(judge({ retried: [...retried, 'four'], skips: [] })).toBe(1);
  expect(lines.at(-1)).toContain('4 tests needed a second try');
});

it('a test that is skipped without a reason fails npm test, unless vitest itself chose among the tests', () => {
  const skips = [skip('with', 'there is no nginx'), skip('without')];
  expect(judge({ retried: [], skips })).toBe(1);
  expect(judge({ retried: [], skips }, { isWhole: false })).toBe(0);
  expect(judge({ retried: [], skips: skips.slice(0, 1) })).toBe(0);
});

it('what was skipped is told by its reason, with names unless it was left out on purpose', () => {
  judge({ retried: [], skips: [skip('a', 'slow', 3), skip('b', 'left out'), skip('c', 'slow')] }, { leftOut: 'left' });
  expect(lines).toEqual(['\nSkipped:', '- 4 tests: slow', '    a', '    c', '- 1 test: left out']);
});
