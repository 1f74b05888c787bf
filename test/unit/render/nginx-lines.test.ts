import { expect, it } from 'vitest';
import { readDirectives, withoutThoseOf } from '../../../src/proxies/nginx/directives.ts';
import { quoteLiteral } from '../../../src/proxies/nginx/quote.ts';
import { markLines, withoutMarks } from '../../../src/render/line-marks.ts';
import type { TemplateFiles } from '../../../src/render/template-files.ts';
import { Templates } from '../../../src/render/templates.ts';

const set = (texts: Record<string, string>): TemplateFiles =>
  new Map(Object.entries(texts).map(([name, text]) => [name, { text, own: true }]));

/** Which line of which template a line of the rendered text comes from, found by the words in it. */
function origin(texts: Record<string, string>, words: string) {
  const marks = markLines(set(texts));
  const render = (files: TemplateFiles) => new Templates(files, {}).render('main', { rows: ['a', 'b'], yes: true });
  const [plain, marked] = [render(set(texts)), render(marks.files)];
  expect(withoutMarks(marked)).toBe(plain);
  return marks.locate(marked, plain.split('\n').findIndex((line) => line.includes(words)) + 1);
}

it.each([
  [{ main: 'one\ntwo\n' }, 'two', { file: 'main', line: 2 }],
  [{ main: '{% if yes -%}\n\n  two\n{%- endif %}\nthree' }, 'two', { file: 'main', line: 3 }],
  [{ main: '{% if yes -%}\n\n  two\n{%- endif %}\nthree' }, 'three', { file: 'main', line: 5 }],
  [{ main: 'x\n{% for row in rows %}\n  row {{ row }}\n{% endfor %}' }, 'row b', { file: 'main', line: 3 }],
  [
    { main: 'x\n{% render "part" %}\n{% capture c %}\nz{% endcapture %}{{ c }}', part: '\n  y' },
    'y',
    { file: 'part', line: 2 },
  ],
  [{ main: '{%- assign a =\n  "b"\n-%}\nx {{ a }}' }, 'x b', { file: 'main', line: 4 }],
])('finds the line of %j that %j comes from', (texts, words, place) => {
  expect(origin(texts, words)).toEqual(place);
});

it.each([
  ['a 1;\nlocation /x { return 204; }\n', ['a', 'location']],
  ['# a; b {\n"quoted name" "x;{}";\n', ['"quoted name"']],
  ["add_header X 'it''s {';", ['add_header']],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: nginx's syntax
  ['set $x "${y}"; set $z ${y}a;', ['set', 'set']],
  ['if ($a ~ "^\\"{3}$") { return 1; }', ['if']],
  ['', []],
])('reads the outermost directives of %j', (text, names) => {
  const outermost = readDirectives(text).filter(({ depth }) => depth === 0);
  expect(outermost.map(({ name }) => name)).toEqual(names);
});

it.each([
  ['a 1;\nb 2\n', 2, '"b" does not end with ;'],
  ['a {\n b 1\n}', 2, '"b" does not end with ;'],
  ['a 1;\nlocation / {\n\n', 2, '{ is never closed'],
  ['a 1;\n}\n', 2, '} closes nothing'],
  ['a\n "x;\n', 2, 'never ends'],
])('refuses %j, which is not finished in line %i', (text, line, reason) => {
  expect(() => readDirectives(text)).toThrow(
    expect.objectContaining({ line, message: expect.stringContaining(reason) }),
  );
});

it('a string that was quoted is one word, whatever is in it', () => {
  for (const text of ['"', "'", '\\', 'a"; b {', '\n}', '# x', '${']) {
    expect(readDirectives(`a ${quoteLiteral(text)};`)).toMatchObject([{ name: 'a', first: quoteLiteral(text) }]);
  }
});

it('reads inner directives with their depth and line', () => {
  const inner = readDirectives('a;\nif ($x) {\n  b 1\n    2;\n  c { d off; }\n}\ne;');
  expect(inner.map(({ name, depth, line }) => [name, depth, line])).toEqual([
    ['a', 0, 1],
    ['if', 0, 2],
    ['b', 1, 3],
    ['c', 1, 5],
    ['d', 2, 5],
    ['e', 0, 7],
  ]);
});

it('leaves out the lines whose directive a snippet has, headers by their name', () => {
  const lines = '  # why\n  a 1;\n  b 2;\n  proxy_set_header Host $host;\n  proxy_set_header X-A "1";';
  expect(withoutThoseOf(lines, 'b 3; proxy_set_header "x-a" 2; location / { a 5; }')).toBe(
    '  # why\n  a 1;\n  proxy_set_header Host $host;',
  );
});
