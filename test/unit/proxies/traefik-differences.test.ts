import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { traefikDifferences } from '../../support/traefik-differences.ts';

const root = resolve(import.meta.dirname, '../../..');

it('every difference is named by a test', () => {
  const files = globSync('test/{integration,conformance,e2e}/**/*.ts', { cwd: root });
  const tests = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
  const unnamed = Object.keys(traefikDifferences).filter((id) => !new RegExp(`['"\`]${id}['"\`]`).test(tests));
  expect(unnamed).toEqual([]);
});
