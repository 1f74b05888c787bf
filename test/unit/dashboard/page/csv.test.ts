import { expect, test } from 'vitest';
import { type CsvColumn, toCsv, toJsonLines } from '../../../../src/dashboard/page/csv.ts';

interface Row {
  readonly name: string;
  readonly count: number | null;
}

const COLUMNS: CsvColumn<Row>[] = [
  { name: 'name', value: ({ name }) => name },
  { name: 'count', value: ({ count }) => count },
];

test('rows below their titles, with lines as RFC 4180 wants them', () => {
  const rows = [
    { name: 'ada', count: 3 },
    { name: 'a "b", c\nd', count: null },
  ];
  expect(toCsv(COLUMNS, rows)).toBe('"name","count"\r\n"ada",3\r\n"a ""b"", c\nd",\r\n');
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1'])('a spreadsheet does not run %j', (name) => {
  expect(toCsv(COLUMNS, [{ name, count: 0 }])).toContain(`"'${name}"`);
});

test('a negative number stays a number', () => {
  expect(toCsv(COLUMNS, [{ name: 'a', count: -1 }])).toContain('"a",-1');
});

test('JSON lines are one document each, line breaks in names included', () => {
  const rows = [{ text: 'a\nb' }, { text: 'c' }];
  const lines = toJsonLines(rows).trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual(rows);
});
