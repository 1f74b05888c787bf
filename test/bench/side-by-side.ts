/**
 * JupyterHub's proxies side by side: configurable-http-proxy, traefik-proxy and Signalbox with each of its proxies, on one
 * machine in one run. Prints tables and writes docs/benchmarks.md.
 *
 *     node test/bench/side-by-side.ts [--quick] [--rounds 3] [--only chp,live]
 *
 * --quick (a smoke of one short round) and --only leave the page alone.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from '../../scripts/setup/run.mjs';
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx } from '../support/nginx.ts';
import { findContenders } from './contenders/all.ts';
import { startStaticBackend } from './load/backend.ts';
import { findWrk } from './load/find-wrk.ts';
import { leaveContendersCore } from './machine/cores.ts';
import { busyness, describeMachine, signalboxVersion } from './machine/describe.ts';
import type { Figures } from './measures/section.ts';
import { page } from './report/page.ts';
import type { Results } from './report/results.ts';
import { screen } from './report/screen.ts';
import { runRound, type Scene } from './round.ts';

const { values } = parseArgs({
  options: { quick: { type: 'boolean' }, rounds: { type: 'string', default: '3' }, only: { type: 'string' } },
});
const quick = values.quick ?? false;

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => releaseAll().finally(() => process.exit(130)));
}
try {
  const results = await measureAll(quick ? 1 : Number(values.rounds), values.only?.split(','));
  console.log(`\n${screen(results)}`);
  for (const reason of results.missing) console.log(`not measured: ${reason}`);
  if (!quick && values.only === undefined) {
    writeFileSync(join(root, 'docs/benchmarks.md'), page(results));
    console.log('\nwritten to docs/benchmarks.md');
  }
} finally {
  await releaseAll();
}

async function measureAll(rounds: number, only: readonly string[] | undefined): Promise<Results> {
  if (process.platform !== 'linux') throw new Error('only on Linux: CPU and memory are read from /proc');
  if (!anyNginx) throw new Error(`no nginx for the backend (${missingNginx}): run npm test once, it gets one`);
  const { contenders: all, missing: notHere } = await findContenders();
  const missing = [...notHere];
  const contenders = only ? all.filter(({ name }) => only.includes(name)) : all;
  if (contenders.length === 0)
    throw new Error(`no such contender: there are ${all.map(({ name }) => name).join(', ')}`);

  const busyBefore = busyness();
  leaveContendersCore();
  const wrk = await findWrk();
  const scene: Scene = { wrk, backend: await startStaticBackend(anyNginx.path), quick };
  const found = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  const versions: Record<string, string> = { Signalbox: signalboxVersion(), 'Node.js': process.version.slice(1) };
  const started = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    // There and back, so that a machine that gets slower or quicker with time does so for all of them.
    for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
      const since = performance.now();
      const figures: Figures = {};
      found.get(contender.name)?.push(figures);
      try {
        Object.assign(versions, await runRound(contender, scene, (more) => Object.assign(figures, more)));
      } catch (error) {
        const [reason] = (error as Error).message.split('\n');
        missing.push(`${contender.title}, the rest of round ${round + 1}: ${reason}`);
        console.error(error);
      }
      console.log(`round ${round + 1}: ${contender.title}, ${Math.round((performance.now() - since) / 1000)} s`);
    }
  }
  return {
    date: new Date().toISOString().slice(0, 10),
    minutes: Math.round((performance.now() - started) / 60_000),
    busyBefore,
    machine: describeMachine(),
    versions: { ...versions, wrk: wrk.version },
    contenders: contenders.map(({ name, title }) => ({ name, title, rounds: found.get(name) ?? [] })),
    missing,
  };
}
