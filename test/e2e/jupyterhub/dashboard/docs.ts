import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePage, root } from '../../../integration/docs/pages.ts';

const { blocks } = parsePage('docs/jupyterhub.md', readFileSync(join(root, 'docs/jupyterhub.md'), 'utf8'));

/**
 * The block of docs/jupyterhub.md that has all these words, with what stands here in their place: ports, files and names of the test, each
 * as often as it occurs.
 */
export function configFromDocs(language: 'python' | 'ini', changes: Readonly<Record<string, string>>): string {
  const words = Object.keys(changes);
  const found = blocks.filter(
    (block) => block.language === language && words.every((word) => block.text.includes(word)),
  );
  const [block] = found;
  if (block === undefined || found.length > 1) throw new Error(`${found.length} blocks have ${words.join(', ')}`);
  return words.reduce((text, word) => text.replaceAll(word, changes[word] ?? ''), block.text);
}

/** `NAME=value`, a line each. */
export function environmentFromDocs(changes: Readonly<Record<string, string>>): Record<string, string> {
  const lines = configFromDocs('ini', changes).trim().split('\n');
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
