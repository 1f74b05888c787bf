import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Page, root } from './pages.ts';

/** Relative links of a page that lead nowhere, with what is wrong. */
export function brokenLinks(page: Page): string[] {
  const broken: string[] = [];
  withoutCode(page.text)
    .split('\n')
    .forEach((line, index) => {
      const targets = [/\]\(<?([^)>\s]+)>?(?: "[^"]*")?\)/g, /\b(?:src|srcset)="([^"]+)"/g];
      for (const [, target = ''] of targets.flatMap((one) => [...line.matchAll(one)])) {
        if (/^[a-z][a-z+.-]*:/.test(target)) continue;
        const wrong = check(page.path, target);
        if (wrong) broken.push(`${page.path}:${index + 1}: ${target}: ${wrong}`);
      }
    });
  return broken;
}

function check(from: string, target: string): string | undefined {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? from : relative(root, join(root, dirname(from), path));
  if (!existsSync(join(root, file))) return `there is no ${file}`;
  if (anchor === undefined || !file.endsWith('.md')) return undefined;
  const known = anchors(readFileSync(join(root, file), 'utf8'));
  return known.includes(anchor) ? undefined : `${file} has no such heading; it has ${known.join(', ')}`;
}

/** As GitHub makes them: lower case, blanks to dashes, punctuation gone, -1 and so on behind what was there before. */
export function anchors(text: string): string[] {
  const seen = new Map<string, number>();
  return withoutCode(text)
    .split('\n')
    .flatMap((line) => /^#{1,6} +(.+?) *#*$/.exec(line)?.[1] ?? [])
    .map((heading) => {
      const slug = heading
        .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, '')
        .replaceAll(' ', '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    });
}

/** Fenced blocks emptied, so that lines keep their numbers. */
function withoutCode(text: string): string {
  return text.replace(/^( *)```[\s\S]*?^ *```$/gm, (block) => block.replace(/[^\n]/g, ''));
}
