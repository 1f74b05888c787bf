import { writeFileSync } from 'node:fs';
import { EXIT, EXIT_MEANINGS } from '../src/cli/exit-codes.ts';
import { configurationDocument } from '../src/config/document.ts';

// Writes docs/configuration.md: node scripts/generate-docs.ts
const codes = (Object.keys(EXIT) as (keyof typeof EXIT)[]).map((name) => ({
  code: EXIT[name],
  meaning: EXIT_MEANINGS[name],
}));
writeFileSync(new URL('../docs/configuration.md', import.meta.url), configurationDocument(codes));
