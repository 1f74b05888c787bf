import type { Contender } from './contenders/contender.ts';
import type { StaticBackend } from './load/backend.ts';
import type { Wrk } from './load/find-wrk.ts';
import { measureAddRoute } from './measures/add-route.ts';
import { measureBulk, measureFill } from './measures/bulk.ts';
import type { Figures } from './measures/section.ts';
import { measureThroughput } from './measures/throughput.ts';
import { pathOf, usersFrom } from './measures/users.ts';
import { measureWebsockets } from './measures/websockets.ts';

export interface Scene {
  readonly wrk: Wrk;
  readonly backend: StaticBackend;
  /** A short run shows that everything works; its figures are worth little. */
  readonly quick: boolean;
}

/** All measures of one contender, once, from its start to its end. */
export async function runRound(contender: Contender, scene: Scene): Promise<{ figures: Figures; versions: object }> {
  const { wrk, backend, quick } = scene;
  const seconds = quick ? 1 : 3;
  const [some, many] = quick ? [100, 300] : [1_000, 10_000];
  const running = await contender.start();
  const load = (users: number, key: string) => measureThroughput(running, wrk, users, key, seconds);
  const figures: Figures = {};
  const note = (more: Figures) => Object.assign(figures, more);

  await running.fill(usersFrom(0, 10, backend));
  note(await load(10, '10'));
  for (let n = 0; n < 10; n += 1) await running.remove(pathOf(n));

  note(await measureBulk(running, backend, some, quick ? 5 : 10));
  if ((await running.count()) < some) await running.fill(usersFrom(0, some, backend));
  note(await load(some, '1000'));
  note(await measureWebsockets(running, seconds));
  note(await measureAddRoute(running, backend, { clients: 1, samples: quick ? 5 : 100, seconds: 4 }));
  note(await measureAddRoute(running, backend, { clients: 10, samples: quick ? 20 : 300, seconds: 5 }));

  note(await measureFill(running, backend, some, many));
  note(await load(many, '10000'));
  await running.stop();
  return { figures, versions: running.versions };
}
