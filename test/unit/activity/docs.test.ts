import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { activityCases } from '../../integration/activity/cases.ts';
import { withMatrix } from '../../integration/activity/table.ts';

test('docs/activity.md has the matrix that is tried against both proxies; npm run docs makes it anew', () => {
  const document = readFileSync(new URL('../../../docs/activity.md', import.meta.url), 'utf8');
  expect(document).toBe(withMatrix(document, activityCases));
});
