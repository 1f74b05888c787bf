import { until } from '../../support/wait.ts';
import { fill, type Replica, statusOf } from './scene.ts';

/** So that a commit is one of many. */
const AT_ONCE = 1_000;

/** Milliseconds from when a replica that was cut off reaches the database again until its proxy serves all that it has missed. */
export async function measureCatchUp(
  [first, ...others]: readonly Replica[],
  routes: ReadonlyMap<string, string>,
): Promise<{ reconnect: number; catchUp: number }> {
  const last = others.at(-1);
  if (!first || !last) throw new Error('two replicas are needed');
  const [writer, late, cable] = [first.daemon, last.daemon, last.cable];
  cable.cut();
  const isGivenUp = async () => {
    const { replicas } = (await statusOf(writer)).fleet;
    return replicas.every(({ api, awaited }) => api !== late.apiUrl || !awaited);
  };
  await until(isGivenUp, { what: 'a replica to be given up', timeout: 30_000 });
  await fill(writer, routes, AT_ONCE);
  const { wanted } = (await statusOf(writer)).generation;
  const since = performance.now();
  cable.restore();
  const patience = { timeout: 60_000, interval: 2 };
  await until(async () => (await statusOf(late)).fleet.problem === null, { ...patience, what: 'the database again' });
  const reached = performance.now();
  const isServed = async () => (await statusOf(late)).generation.served >= wanted;
  await until(isServed, { ...patience, what: 'what was missed' });
  return { reconnect: reached - since, catchUp: performance.now() - reached };
}
