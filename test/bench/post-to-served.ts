/**
 * Time from POST to served, with 10,000 routes there, next to configurable-http-proxy on the same machine in the same run. A 201 of
 * ours means that nginx serves the route and that it is on disk; every 20th is asked for at once to prove it.
 *
 *     node test/bench/post-to-served.ts
 */
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx, testNginxes } from '../support/nginx.ts';
import { ask } from './contenders/ask.ts';
import { chp } from './contenders/chp.ts';
import type { Running } from './contenders/contender.ts';
import { buildPackage } from './contenders/package.ts';
import { signalbox } from './contenders/signalbox.ts';
import { type StaticBackend, startStaticBackend } from './load/backend.ts';
import { inParallel } from './load/in-parallel.ts';
import { leaveContendersCore } from './machine/cores.ts';
import { usersFrom } from './measures/users.ts';
import { quantile } from './report/quantile.ts';

const THERE = 10_000;
const SAMPLES = 2_000;

try {
  const nginx = testNginxes.at(-1) ?? anyNginx;
  if (!nginx) throw new Error(`no nginx (${missingNginx}): run npm test once, it gets one`);
  leaveContendersCore();
  const backend = await startStaticBackend(nginx.path);
  const medians: number[] = [];
  for (const contender of [chp, signalbox('nginx', 'Signalbox', await buildPackage(), { driver: 'nginx', ...nginx })]) {
    const running = await contender.start();
    await running.fill(usersFrom(0, THERE, backend));
    for (const clients of [1, 10]) {
      const times = await postTimes(running, backend, clients);
      const [p50, p99] = [quantile(times, 0.5), quantile(times, 0.99)];
      console.log(`${contender.title}, ${clients} at a time: p50 ${p50.toFixed(2)} ms, p99 ${p99.toFixed(2)} ms`);
      if (clients === 10) medians.push(p50);
    }
    await running.stop();
  }
  const [ofChp = Number.NaN, ours = Number.NaN] = medians;
  console.log(`p50 with 10 at a time, Signalbox to configurable-http-proxy: ${(ours / ofChp).toFixed(2)}`);
} finally {
  await releaseAll();
}

/** Milliseconds from request to answer of each added route. */
async function postTimes(running: Running, backend: StaticBackend, clients: number): Promise<number[]> {
  const times: number[] = [];
  const add = async (n: number) => {
    const path = `/user/added-${clients}-${n}`;
    const since = performance.now();
    await running.add(path, backend.targetOf(n));
    times.push(performance.now() - since);
    // Not each: the proof costs more than what it proves.
    if (n % 20 !== 0) return;
    const { status } = await ask('GET', `${running.url}${path}/`);
    if (status !== 200) throw new Error(`${path} was said to be there, but is not served: ${status}`);
  };
  await inParallel(clients, [...Array(SAMPLES).keys()], add);
  return times;
}
