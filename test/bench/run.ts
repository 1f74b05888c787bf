/**
 * `npm run bench [NAME] [ARGS...]`: runs one benchmark of this folder, side-by-side unless named. Figures are ratios of one run on
 * one machine: close other programs.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const names = [
  'side-by-side',
  'post-to-served',
  'request-cost',
  'large-table',
  'log-reading',
  'traffic',
  'fleet',
  'dashboard',
];
const [first = '', ...rest] = process.argv.slice(2);
const isNamed = first !== '' && !first.startsWith('-');
const name = isNamed ? first : 'side-by-side';
if (!names.includes(name)) {
  console.error(`no benchmark ${name}; there are ${names.join(', ')}`);
  process.exit(2);
}
const script = join(import.meta.dirname, `${name}.ts`);
const args = isNamed ? rest : process.argv.slice(2);
const child = spawn(process.execPath, [script, ...args], { stdio: 'inherit' });
// A Ctrl-C comes to both; this one stays until the other has cleaned up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
child.on('exit', (code) => {
  process.exitCode = code ?? 1;
});
