import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A fenced block of a page. */
export interface Block {
  /** `docs/nginx.md:36`, the line of its fence. */
  readonly place: string;
  readonly language: string;
  readonly text: string;
  /** The reason in `<!-- not run: … -->` before it. */
  readonly notRun: string | undefined;
  /** The file in `<!-- checked by: … -->` before it. */
  readonly checkedBy: string | undefined;
}

export interface Page {
  /** `docs/nginx.md` */
  readonly path: string;
  readonly text: string;
  readonly generated: boolean;
  readonly blocks: readonly Block[];
}

export const root = resolve(import.meta.dirname, '../../..');

/** README.md and the pages of docs/. */
export function readPages(): Page[] {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`)].map((path) =>
    parsePage(path, readFileSync(join(root, path), 'utf8')),
  );
}

const FENCE = /^( *)```(.*)$/;
const MARKER = /^ *<!-- (not run|checked by): (.+?) -->$/;

export function parsePage(path: string, text: string): Page {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at += 1) {
    const open = FENCE.exec(lines[at] ?? '');
    if (!open) continue;
    const indent = open[1]?.length ?? 0;
    const end = lines.findIndex((line, index) => index > at && line.trim() === '```');
    if (end < 0) throw new Error(`${path}:${at + 1}: this block has no end`);
    const inside = lines.slice(at + 1, end).map((line) => line.slice(indent));
    blocks.push({
      place: `${path}:${at + 1}`,
      language: open[2]?.trim() ?? '',
      text: `${inside.join('\n')}\n`,
      ...markersBefore(lines, at),
    });
    at = end;
  }
  return { path, text, generated: /<!-- (?:Generated|Made|Written) (?:from|by) /.test(text), blocks };
}

/** Markers stand right before the fence, blank lines aside. */
function markersBefore(lines: readonly string[], fence: number): Pick<Block, 'notRun' | 'checkedBy'> {
  const found = new Map<string, string>();
  for (let at = fence - 1; at >= 0; at -= 1) {
    const line = lines[at] ?? '';
    const marker = MARKER.exec(line);
    if (marker) found.set(marker[1] ?? '', marker[2] ?? '');
    else if (line.trim() !== '') break;
  }
  return { notRun: found.get('not run'), checkedBy: found.get('checked by') };
}
