import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../src/api/document.ts';
import { restReference } from '../src/api/reference.ts';

// Writes docs/rest-api.md: node scripts/generate-rest-docs.ts
writeFileSync(new URL('../docs/rest-api.md', import.meta.url), restReference(await openApiDocument('')));
