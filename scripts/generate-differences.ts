import { writeFileSync } from 'node:fs';
import { groups } from '../test/conformance/cases/index.ts';
import { differencesDocument } from '../test/conformance/differences.ts';

// Writes docs/differences-from-chp.md: node scripts/generate-differences.ts
writeFileSync(new URL('../docs/differences-from-chp.md', import.meta.url), differencesDocument(groups));
