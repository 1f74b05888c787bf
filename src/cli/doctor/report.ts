import { type Paint, printable, type Style } from '../terminal-text.ts';
import { wrap } from '../wrap.ts';
import type { Result } from './check.ts';
import type { Examined } from './examine.ts';

const MARKS: Record<Result, readonly [style: Style, mark: string]> = {
  ok: ['green', 'ok  '],
  warn: ['yellow', 'WARN'],
  fail: ['red', 'FAIL'],
  skipped: ['dim', '-   '],
};

/** The findings for people: a line each, and under what is wrong how to mend it. */
export function reportText(found: readonly Examined[], paint: Paint): string {
  const width = Math.max(...found.map(({ id }) => id.length));
  const lines = found.flatMap(({ id, result, message, mend }) => {
    const [style, mark] = MARKS[result];
    const margin = ' '.repeat(6 + width + 2);
    const text = message.split('\n').map(printable).join(`\n${margin}`);
    const line = `${paint(style, mark)}  ${id.padEnd(width)}  ${text}`;
    return mend === undefined ? [line] : [line, ...wrap(printable(mend), margin.length, 100)];
  });
  return `${lines.join('\n')}\n\n${summary(found)}\n`;
}

function summary(found: readonly Examined[]): string {
  const count = (wanted: Result) => found.filter(({ result }) => result === wanted).length;
  const parts = [`${count('fail')} to mend`, `${count('warn')} to think about`, `${count('ok')} in order`];
  return `${parts.join(', ')}, ${count('skipped')} not looked at`;
}
