/**
 * `npm run stress -- [--minutes N] [--seed S] [FILE…]`: the tests that promise something amid change, kill and reload
 * (testing/stressed.mjs), in random order, again and again, each round with another seed: the order of files and tests comes
 * from it, and what chance makes in properties, which here have their full number of runs. A failure ends nothing; the end
 * sums them up, each with the command that runs the same again. Without --minutes it is one round.
 */
import { readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './setup/run.mjs';
import { findNode } from './setup.mjs';
import { setUp } from './testing/environment.mjs';
import { judge } from './testing/judge.mjs';
import { STRESSED } from './testing/stressed.mjs';
import { runVitest } from './testing/vitest.mjs';

/** So many files make one run of vitest: few enough to stop in time, and many enough to disturb each other. */
const FILES_AT_ONCE = 8;

const { values, positionals } = parseArgs({
  options: { minutes: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const end = Date.now() + Number(values.minutes) * 60_000;
const files = (positionals.length > 0 ? positionals : STRESSED).flatMap(testsIn);
const env = await setUp({ docker: false });
const node = await findNode();

let isInterrupted = false;
// The terminal tells vitest, too.
process.on('SIGINT', () => {
  isInterrupted = true;
});
const isOver = () => isInterrupted || (values.minutes !== undefined && Date.now() > end);
let seed = Number(values.seed ?? Math.floor(Math.random() * 1_000_000));
const totals = { rounds: 0, passed: 0, failed: 0 };
/** @type {string[]} */
const failures = [];
do {
  for (const some of inGroups(shuffled(files, seed), positionals.length > 0 ? files.length : FILES_AT_ONCE)) {
    await stress(some);
    if (isOver()) break;
  }
  totals.rounds += 1;
  seed += 1;
} while (values.minutes !== undefined && !isOver());

console.log(`\n${totals.rounds} rounds, ${totals.passed} tests passed, ${totals.failed} failed`);
for (const failure of failures) console.log(failure);
process.exitCode = totals.failed > 0 ? 1 : 0;

async function stress(/** @type {readonly string[]} */ some) {
  console.log(`\nround ${totals.rounds + 1}, seed ${seed}: ${some.length} files`);
  const order = ['--sequence.shuffle.files', '--sequence.shuffle.tests', `--sequence.seed=${seed}`];
  const result = await runVitest(node, ['--retry=0', ...order, ...some], {
    ...env,
    SIGNALBOX_TEST_SEED: `${seed}`,
    SIGNALBOX_TEST_THOROUGH: '1',
  }).catch((error) => {
    if (!isInterrupted) throw error;
  });
  if (!result) return;
  totals.passed += result.passed;
  totals.failed += result.failed;
  if (result.failed === 0) return;
  judge(result, { isWhole: false });
  const again = `npm run stress -- --seed ${seed} ${some.join(' ')}`;
  const told = `${result.failures.map((name) => `FAILED ${name}`).join('\n')}\n  the same again: ${again}`;
  console.log(told);
  failures.push(told);
}

/** @returns {string[]} */
function testsIn(/** @type {string} */ path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = readdirSync(join(root, path), { recursive: true, encoding: 'utf8' }).sort();
  return names.filter((name) => name.endsWith('.test.ts')).map((name) => relative(root, join(root, path, name)));
}

/** @template T @returns {T[]} */
function shuffled(/** @type {readonly T[]} */ list, /** @type {number} */ from) {
  const result = [...list];
  let state = from;
  for (let at = result.length - 1; at > 0; at--) {
    // mulberry32: the same seed gives the same order everywhere.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const other = ((mixed ^ (mixed >>> 14)) >>> 0) % (at + 1);
    [result[at], result[other]] = [result[other], result[at]];
  }
  return result;
}

/** @template T @returns {T[][]} */
function inGroups(/** @type {readonly T[]} */ list, /** @type {number} */ size) {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, (at + 1) * size));
}
