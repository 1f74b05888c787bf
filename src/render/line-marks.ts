import type { TemplateFiles } from './template-files.ts';

/** From Unicode's private use area: no template has them. */
const MARK = /\uE000(\d+)\uE001/g;
/** A mark that is followed by text; one that is followed by another mark is of a line that rendered to nothing. */
const MARK_OF_TEXT = /\uE000(\d+)\uE001(?=[^\uE000])/g;

export interface LineMarks {
  /** The same templates, each line that can have one beginning with a mark. */
  readonly files: TemplateFiles;
  /** Where line `number` (from 1) of a text that was rendered from these files comes from. */
  locate(rendered: string, number: number): { file: string; line: number } | undefined;
}

/**
 * Finds the template's line that a line of a rendered text came from: the templates are rendered once more, with marks in
 * them. A mark stands before the first character of a line, where it changes nothing of what Liquid makes of blanks; lines
 * within a tag, or beginning with one that eats blanks, get none.
 */
export function markLines(files: TemplateFiles): LineMarks {
  const places: { file: string; line: number }[] = [];
  const marked = new Map(
    [...files].map(([file, { text, own }]) => {
      const mark = (line: number) => `\uE000${places.push({ file, line }) - 1}\uE001`;
      return [file, { own, text: markText(text, mark) }];
    }),
  );
  return {
    files: marked,
    locate(rendered, number) {
      const lines = rendered.split('\n').slice(0, number);
      // A line without a mark belongs to the line above it.
      for (const line of lines.reverse()) {
        const last = [...line.matchAll(MARK_OF_TEXT)].at(-1)?.[1];
        if (last !== undefined) return places[Number(last)];
      }
      return undefined;
    },
  };
}

export function withoutMarks(text: string): string {
  return text.replace(MARK, '');
}

function markText(text: string, mark: (line: number) => string): string {
  const tags = [...text.matchAll(/\{%.*?%\}|\{\{.*?\}\}/gs)].map(({ 0: tag, index }) => [index, index + tag.length]);
  let start = 0;
  return text
    .split('\n')
    .map((line, index) => {
      const blanks = /^\s*/.exec(line)?.[0].length ?? 0;
      const at = start + blanks;
      start += line.length + 1;
      const rest = line.slice(blanks);
      const inTag = tags.some(([from, to]) => at > (from as number) && at < (to as number));
      if (rest === '' || inTag || /^(?:\{%-|\{\{-)/.test(rest)) return line;
      return line.slice(0, blanks) + mark(index + 1) + rest;
    })
    .join('\n');
}
