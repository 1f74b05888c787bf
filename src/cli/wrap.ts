/** Breaks text into lines of at most `width` columns behind an indentation; words that are longer stand alone. */
export function wrap(text: string, indent: number, width = 80): string[] {
  const margin = ' '.repeat(indent);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(margin + word);
  }
  return lines;
}
