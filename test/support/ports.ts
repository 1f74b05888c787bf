import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const given = new Set<number>();

/** Files that run at the same time choose out of ranges of their own: a port that is free now may be another one's a moment later. */
const RANGE = 2_000;
const FIRST = 12_000 + (Number(process.env.VITEST_POOL_ID ?? 0) % 10) * RANGE;

/**
 * A port that is free, for programs that want a number on their command line. From below the range out of which systems
 * take ports for outgoing connections and for `listen(0)` (32768 and up on Linux, 49152 and up elsewhere): a port of that
 * range may be taken again before its user gets to it, or while a daemon is restarted.
 */
export async function freePort(host = '127.0.0.1'): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(FIRST, FIRST + RANGE);
    if (given.has(port) || !(await isPortFree(port, host))) continue;
    given.add(port);
    return port;
  }
  throw new Error(`no free port on ${host}`);
}

/** Can something listen there? False while anything else does. */
export async function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
