import { writeFileSync } from 'node:fs';
import { traefikDifferences } from '../test/support/traefik-differences.ts';
import { traefikDocument } from '../test/support/traefik-document.ts';

// Writes docs/differences-traefik.md: node scripts/generate-traefik-differences.ts
writeFileSync(new URL('../docs/differences-traefik.md', import.meta.url), traefikDocument(traefikDifferences));
