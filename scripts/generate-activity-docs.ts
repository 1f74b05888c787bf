import { readFileSync, writeFileSync } from 'node:fs';
import { activityCases } from '../test/integration/activity/cases.ts';
import { withMatrix } from '../test/integration/activity/table.ts';

// Writes the matrix in docs/activity.md: node scripts/generate-activity-docs.ts
const file = new URL('../docs/activity.md', import.meta.url);
writeFileSync(file, withMatrix(readFileSync(file, 'utf8'), activityCases));
