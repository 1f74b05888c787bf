import { expect, it } from 'vitest';
import type { Operand, Options } from '../../../src/cli/options.ts';
import { valuesOf } from '../../../src/cli/values.ts';
import { isProblem, readWords } from '../../../src/cli/words.ts';
import { formatProblem } from '../../../src/config/problem.ts';

const OPTIONS = {
  api: { value: 'URL', about: '', env: ['FIRST', 'SECOND'], default: 'http://d' },
  data: { value: 'K=V', about: '', short: 'd', repeatable: true },
  shell: { value: 'NAME', about: '', choices: ['bash', 'zsh'] },
  file: { value: 'FILE', about: '', short: 'f' },
  json: { about: '', short: 'j' },
  pin: { about: '', negatable: true },
  text: { about: '', value: 'TEXT', kind: 'string' },
} as const satisfies Options;

const SPEC: Operand = { name: 'SPEC', about: 'a routespec' };
const DEFAULTS = {
  api: 'http://d',
  data: [],
  shell: undefined,
  file: undefined,
  json: false,
  pin: false,
  text: undefined,
};

function parse(argv: string[], operands: Operand[] = [], env = {}) {
  const words = readWords(argv, OPTIONS, operands);
  return { options: valuesOf(words, OPTIONS, env), operands: words.operands };
}

function problemsOf(argv: string[], operands: Operand[] = []): string[] {
  return readWords(argv, OPTIONS, operands).options.filter(isProblem).map(formatProblem);
}

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
  [['-jdx'], { json: true, data: ['x'] }],
  [['-f=a'], { file: 'a' }],
  [['--text=-a'], { text: '-a' }],
  [['--pin', '--no-pin'], { pin: false }],
  [['--no-pin', '--pin=true'], { pin: true }],
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
  [['--jsn'], ['--jsn: is no option; did you mean --json?']],
  [['-x'], ['-x: is no option']],
  [['-xj', 'secret'], ['-x: is no option']],
  [['--=secret'], ['--: is no option']],
  [['--json=1'], ['--json: takes no value']],
  [['--no-pin=true'], ['--no-pin: takes no value']],
  [['--file'], ['--file: found nothing, want FILE']],
  [['--shell', 'tcsh'], ['--shell: found "tcsh", want one of bash, zsh']],
  [['/a', '/b'], ['command line: "/b" is one word too many']],
  [
    ['--jsn', '/a', '--json=1', '/a', '/b'],
    ['--jsn: is no option; did you mean --json?', '--json: takes no value', 'command line: "/b" is one word too many'],
  ],
])('%j is refused, with all of its mistakes', (argv, problems) => {
  expect(problemsOf(argv, [{ ...SPEC, optional: true }])).toEqual(problems);
});

it('takes no flag for the value of a setting that was left out', () => {
  const { options } = readWords(['--text', '--pin', '--text', '-j', '--text', '-'], OPTIONS, [SPEC]);
  expect(options.map((one) => !isProblem(one) && [one.flag, one.text])).toEqual([
    ['--text', undefined],
    ['--pin', 'true'],
    ['--text', undefined],
    ['-j', 'true'],
    ['--text', undefined],
  ]);
});

it('without operands shows no word that may be a token', () => {
  const token = 'f00d'.repeat(10);
  expect(problemsOf([token, '--', '-x', '--tokn', token])).toEqual([
    'command line: a word of 40 characters belongs to no option',
    'command line: "-x" belongs to no option',
    'command line: "--tokn" belongs to no option',
    'command line: a word of 40 characters belongs to no option',
  ]);
  expect(problemsOf(['--unknown', token])).toEqual(['--unknown: is no option']);
  expect(problemsOf(['--pin', token])).toEqual(['--pin: takes no word after it; write --pin or --no-pin']);
});

it('says which operand is missing', () => {
  expect(problemsOf([], [SPEC])).toEqual(['SPEC: found nothing, want a routespec']);
  expect(problemsOf([], [{ ...SPEC, repeatable: true }])).toEqual(['SPEC: found nothing, want a routespec']);
});
