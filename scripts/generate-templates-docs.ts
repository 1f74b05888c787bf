import { writeFileSync } from 'node:fs';
import { nginxCatalogue } from '../src/proxies/nginx/catalogue.ts';
import { traefikCatalogue } from '../src/proxies/traefik/catalogue.ts';
import { templateReference } from '../src/render/reference.ts';

// Writes docs/templates-reference.md: node scripts/generate-templates-docs.ts
writeFileSync(
  new URL('../docs/templates-reference.md', import.meta.url),
  templateReference([nginxCatalogue, traefikCatalogue]),
);
