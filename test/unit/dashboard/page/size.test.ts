import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildPage } from '../../../../scripts/page.mjs';
import { makeTempDir } from '../../../support/tmp.ts';

const BUDGET = 60_000;

test('script and style sheet are 60 kB at most, as they are sent', async () => {
  const folder = makeTempDir();
  const { script, style } = await buildPage(folder);
  const sizes = [script, style].map((name) => readFileSync(`${folder}/${name}.gz`).length);
  expect(sizes.every((size) => size > 1_000)).toBe(true);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(BUDGET);
  expect(JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8'))).toEqual({ script, style });
});
