import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { PAGES } from '../../scripts/docs/pages.ts';

it.each(Object.entries(PAGES))('docs/%s is not stale (else: npm run docs)', async (name, made) => {
  const now = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8');
  expect(now).toBe(await made(now));
});
