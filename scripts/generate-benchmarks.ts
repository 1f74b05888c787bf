import { readFileSync, writeFileSync } from 'node:fs';
import { page, resultsOf } from '../test/bench/report/page.ts';

// Writes docs/benchmarks.md anew from the figures that stand in it, for a changed text: node scripts/generate-benchmarks.ts
const file = new URL('../docs/benchmarks.md', import.meta.url);
writeFileSync(file, page(resultsOf(readFileSync(file, 'utf8'))));
