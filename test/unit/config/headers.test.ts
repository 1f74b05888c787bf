import { describe, expect, it } from 'vitest';
import { load, loadYaml, problemsOf } from './load-with.ts';

const both = [
  { name: 'X-Hub', value: 'blue' },
  { name: 'X-Time', value: '10:30, or "so"; $x' },
];
const lines = both.map(({ name, value }) => `${name}: ${value}`);

describe('headers', () => {
  it('come from a flag that is repeated', () => {
    const argv = lines.flatMap((line) => ['--custom-header', line]);
    expect(load({ argv }).config.customHeader).toEqual(both);
    expect(load({ argv: lines.map((line) => `--custom-header=${line}`) }).config.customHeader).toEqual(both);
  });

  it('come from the lines of a variable', () => {
    const env = { SIGNALBOX_CUSTOM_HEADER: `${lines.join('\n')}\n` };
    expect(load({ env }).config.customHeader).toEqual(both);
    expect(load({ env, argv: ['--custom-header', 'X-Only: this'] }).config.customHeader).toHaveLength(1);
  });

  it('come from a list or a text in YAML', () => {
    const list = `custom-header:\n${lines.map((line) => `  - '${line}'`).join('\n')}`;
    expect(loadYaml(list).config.customHeader).toEqual(both);
    expect(loadYaml(`custom-header: '${lines[0]}'`).config.customHeader).toEqual([both[0]]);
    expect(loadYaml('custom-header: []').config.customHeader).toEqual([]);
  });

  it('that stand twice count as they stand last', () => {
    const argv = ['--custom-header=X-Hub: red', '--custom-header=x-hub:blue'];
    expect(load({ argv }).config.customHeader).toEqual([{ name: 'x-hub', value: 'blue' }]);
  });

  it.each([
    'foo',
    ': x',
    'a b: c',
    'Ä: c',
    'a"b: c',
    'X: a\rY: b',
    'X: \u0000',
    'Connection: close',
    'content-length: 3',
  ])('%j is refused', (text) => {
    expect(problemsOf(() => load({ argv: ['--custom-header', text] })).join()).toMatch(
      /^--custom-header: found .* want NAME: VALUE/,
    );
  });

  it('in a mapping, or with a line break in one of a list, are refused', () => {
    expect(problemsOf(() => loadYaml('custom-header: {X: 1}')).join()).toContain('found a mapping');
    expect(problemsOf(() => loadYaml('custom-header: ["X: 1\\nY: 2"]')).join()).toContain('found a list');
  });
});

it('a list where no list belongs is refused', () => {
  expect(problemsOf(() => loadYaml('driver: [nginx]')).join()).toContain('found a list, want one of nginx, traefik');
});

it('the path of a socket has to fit the system', () => {
  const path = `/${'s'.repeat(200)}`;
  expect(problemsOf(() => load({ argv: ['--api-socket', path] })).join()).toMatch(/the path of a socket, at most 10\d/);
});
