import type { Contender, Running } from './contenders/contender.ts';
import type { StaticBackend } from './load/backend.ts';
import type { Wrk } from './load/find-wrk.ts';
import { measureAddRoute } from './measures/add-route.ts';
import { measureBulk, measureFill } from './measures/bulk.ts';
import { measureMorning } from './measures/morning.ts';
import type { Figures } from './measures/section.ts';
import { untilServed } from './measures/served.ts';
import { measureThroughput } from './measures/throughput.ts';
import { pathOf, usersFrom } from './measures/users.ts';
import { measureWebsockets } from './measures/websockets.ts';

export interface Scene {
  readonly wrk: Wrk;
  readonly backend: StaticBackend;
  /** A short run shows that everything works; its figures are worth little. */
  readonly quick: boolean;
}

/**
 * All measures of one contender, once, from its start to its end. `note` gets the figures one by one, so that those before a failure
 * are not lost.
 */
export async function runRound(contender: Contender, scene: Scene, note: (figures: Figures) => void): Promise<object> {
  const running = await contender.start();
  try {
    await measure(running, scene, note);
  } finally {
    await running.stop();
  }
  return running.versions;
}

async function measure(running: Running, { wrk, backend, quick }: Scene, note: (figures: Figures) => void) {
  const seconds = quick ? 1 : 2;
  const [some, many] = quick ? [100, 300] : [1_000, 10_000];

  await running.fill(usersFrom(0, 10, backend));
  await untilServed(`${running.url}${pathOf(9)}/`);
  note(await measureThroughput(running, wrk, 10, '10', seconds));
  for (let n = 0; n < 10; n += 1) await running.remove(pathOf(n));

  note(await measureBulk(running, backend, some, quick ? 4 : 8));
  if ((await running.count()) < some) await measureFill(running, backend, 0, some);
  const quiet = await measureThroughput(running, wrk, some, '1000', seconds);
  note(quiet);
  const quietRate = Number(quiet['rps.1000']);
  note(await measureMorning(running, wrk, backend, { users: some, quietRate, seconds: quick ? 2 : 6 }));
  note(await measureWebsockets(running, seconds));
  note(await measureAddRoute(running, backend, { clients: 1, samples: quick ? 5 : 100, seconds: 3 }));
  note(await measureAddRoute(running, backend, { clients: 10, samples: quick ? 20 : 300, seconds: 4 }));

  note(await measureFill(running, backend, some, many));
  note(await measureThroughput(running, wrk, many, '10000', seconds));
}
