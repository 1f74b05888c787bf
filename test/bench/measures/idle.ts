import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from '../contenders/contender.ts';
import { cpuSeconds } from '../machine/usage.ts';

const LOOK_MS = 300;
const PATIENCE_MS = 20_000;

/** Waits until a contender has nothing left to do: some go on for seconds after a route is said to be there. */
export async function untilIdle(running: Running): Promise<void> {
  const since = performance.now();
  for (let quiet = 0; quiet < 2 && performance.now() - since < PATIENCE_MS; ) {
    const before = cpuSeconds(running.pids());
    await delay(LOOK_MS);
    const busy = ((cpuSeconds(running.pids()) - before) * 1000) / LOOK_MS;
    quiet = busy < 0.1 ? quiet + 1 : 0;
  }
}
