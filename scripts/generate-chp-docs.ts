import { writeFileSync } from 'node:fs';
import { chpDocument } from '../src/cli/chp/document.ts';

// Writes docs/chp.md: node scripts/generate-chp-docs.ts
writeFileSync(new URL('../docs/chp.md', import.meta.url), chpDocument());
