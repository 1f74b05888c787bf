import { readFileSync, writeFileSync } from 'node:fs';
import { traefikDifferences } from '../test/support/traefik-differences.ts';
import { withDifferences } from '../test/support/traefik-document.ts';

// Writes the table in docs/proxies.md: node scripts/generate-traefik-differences.ts
const page = new URL('../docs/proxies.md', import.meta.url);
writeFileSync(page, withDifferences(readFileSync(page, 'utf8'), traefikDifferences));
