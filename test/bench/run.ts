/**
 * `npm run bench [NAME...]`: runs the benchmarks of this folder one after the other, each in a process of its own. Figures are
 * ratios of one run on one machine: close other programs.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== basename(import.meta.filename))
  .map((file) => file.slice(0, -3));
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${names.join(', ')}`);
  process.exit(2);
}

for (const name of wanted.length > 0 ? wanted : names) {
  console.log(`\n== ${name}`);
  const code = await new Promise((resolve) => {
    spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`)], { stdio: 'inherit' }).on('exit', resolve);
  });
  if (code !== 0) process.exitCode = 1;
}
