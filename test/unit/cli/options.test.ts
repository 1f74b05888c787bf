import { expect, it } from 'vitest';
import { type Operand, type Options, parseWords } from '../../../src/cli/options.ts';

const OPTIONS = {
  api: { value: 'URL', about: '', env: ['FIRST', 'SECOND'], default: 'http://d' },
  data: { value: 'K=V', about: '', short: 'd', repeatable: true },
  shell: { value: 'NAME', about: '', choices: ['bash', 'zsh'] },
  file: { value: 'FILE', about: '' },
  json: { about: '', short: 'j' },
} as const satisfies Options;

const SPEC: Operand = { name: 'SPEC', about: 'a routespec' };
const parse = (argv: string[], operands: Operand[] = [], env = {}) => parseWords(argv, OPTIONS, operands, env);
const DEFAULTS = { api: 'http://d', data: [], shell: undefined, file: undefined, json: false };

it('has the defaults where nothing is given', () => {
  expect(parse([])).toEqual({ options: DEFAULTS, operands: [] });
});

it.each([
  [['--api', 'http://x'], { api: 'http://x' }],
  [['--api=http://x=y'], { api: 'http://x=y' }],
  [['--api', 'http://x', '--api', 'http://y'], { api: 'http://y' }],
  [['--file='], { file: '' }],
  [['--file', '-j'], { file: '-j' }],
  [['-d', 'a=1', '--data', 'b=2', '-dc=3'], { data: ['a=1', 'b=2', 'c=3'] }],
  [['-j'], { json: true }],
])('%j', (argv, values) => {
  expect(parse(argv).options).toEqual({ ...DEFAULTS, ...values });
});

it('takes the first variable that is set, an option before it', () => {
  expect(parse([], [], { SECOND: 's' }).options.api).toBe('s');
  expect(parse([], [], { FIRST: '', SECOND: 's' }).options.api).toBe('s');
  expect(parse([], [], { FIRST: 'f', SECOND: 's' }).options.api).toBe('f');
  expect(parse(['--api', 'o'], [], { FIRST: 'f' }).options.api).toBe('o');
});

it('takes operands anywhere, and behind -- whatever they look like', () => {
  expect(parse(['/a', '--json'], [SPEC]).operands).toEqual(['/a']);
  expect(parse(['--json', '--', '--api'], [SPEC]).operands).toEqual(['--api']);
  expect(parse(['-'], [SPEC]).operands).toEqual(['-']);
  expect(parse(['/a', '/b'], [{ ...SPEC, repeatable: true }]).operands).toEqual(['/a', '/b']);
});

it.each([
  [['--jsn'], '--jsn is no option; did you mean --json?'],
  [['-x'], '-x is no option'],
  [['--json=1'], '--json takes no value'],
  [['--file'], '--file needs a value: --file FILE'],
  [['--shell', 'tcsh'], '--shell: found "tcsh", want one of bash, zsh'],
  [['/a', '/b'], '"/b" is one word too many'],
])('%j is refused', (argv, message) => {
  expect(() => parse(argv, [{ ...SPEC, optional: true }])).toThrow(message);
});

it('says which operand is missing', () => {
  expect(() => parse([], [SPEC])).toThrow('SPEC is missing: a routespec');
  expect(() => parse([], [{ ...SPEC, repeatable: true }])).toThrow('SPEC is missing');
});
