import { writeFileSync } from 'node:fs';
import { documentedExitCodes } from '../src/cli/exit-codes.ts';
import { configurationDocument } from '../src/config/document.ts';

// Writes docs/configuration.md: node scripts/generate-docs.ts
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDocument(documentedExitCodes()));
