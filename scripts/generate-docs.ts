import { writeFileSync } from 'node:fs';
import { serve } from '../src/cli/serve.ts';
import { configurationDocument } from '../src/config/document.ts';

// Writes docs/configuration.md: node scripts/generate-docs.ts
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDocument(serve.exits));
