import { readFileSync, writeFileSync } from 'node:fs';
import { PAGES } from './pages.ts';

// npm run docs: makes anew what is generated in docs/.
for (const [name, made] of Object.entries(PAGES)) {
  const file = new URL(`../../docs/${name}`, import.meta.url);
  writeFileSync(file, await made(readFileSync(file, 'utf8')));
}
