import { WebSocket } from 'ws';
import { startBackend } from '../../support/backend.ts';
import type { Running } from '../contenders/contender.ts';
import type { StaticBackend } from '../load/backend.ts';
import type { Wrk } from '../load/find-wrk.ts';
import { openSocket } from '../load/open-socket.ts';
import { runLoad } from '../load/wrk.ts';
import { cpuSeconds } from '../machine/usage.ts';
import type { Figures, Section } from './section.ts';
import { untilServed } from './served.ts';
import { busyPaths } from './users.ts';

const SOCKETS = 200;
const PATH = '/user/open';

export const morningSection: Section = {
  title: 'A working morning',
  text:
    `The same requests to 1,000 routes while ${SOCKETS} websockets stay open, and every second one route is added and one removed. *Of the quiet ` +
    'rate* says how many requests a second are left of those above.',
  rows: [
    { key: 'morning.cpu', label: 'CPU a request', unit: 'µs', ratio: 'shown' },
    { key: 'morning.rps', label: 'requests a second', unit: '1/s', ratio: 'shown' },
    { key: 'morning.share', label: 'of the quiet rate', unit: '%', ratio: 'none' },
  ],
};

/** `quietRate`: requests a second to as many routes, with nothing else going on. */
export async function measureMorning(
  running: Running,
  wrk: Wrk,
  backend: StaticBackend,
  { users, quietRate, seconds }: { users: number; quietRate: number; seconds: number },
): Promise<Figures> {
  const echo = await startBackend({ keep: 1 });
  await running.add(PATH, echo.url);
  await untilServed(`${running.url}${PATH}/`);
  const url = `${running.url.replace('http', 'ws')}${PATH}/echo`;
  const sockets = await Promise.all(Array.from({ length: SOCKETS }, () => openSocket(url)));
  const before = cpuSeconds(running.pids());
  const changes = new AbortController();
  const changing = change(running, backend, changes.signal);
  const load = await runLoad(wrk, running.url, busyPaths(users), seconds);
  changes.abort();
  await changing;
  const cpu = cpuSeconds(running.pids()) - before;
  const closed = sockets.filter(({ readyState }) => readyState !== WebSocket.OPEN).length;
  if (closed > 0) throw new Error(`${closed} of ${SOCKETS} websockets were closed`);
  for (const socket of sockets) socket.terminate();
  await echo.close();
  await running.remove(PATH);
  const rate = load.requests / load.seconds;
  return {
    'morning.rps': rate,
    'morning.cpu': (cpu / load.requests) * 1e6,
    'morning.share': (rate / quietRate) * 100,
  };
}

/** Every second one comes and the one before goes. */
async function change(running: Running, backend: StaticBackend, signal: AbortSignal): Promise<void> {
  const pathOf = (n: number) => `/user/morning-${n}`;
  let n = 0;
  for (; !signal.aborted; n += 1) {
    const since = performance.now();
    await running.add(pathOf(n), backend.targetOf(n));
    if (n > 0) await running.remove(pathOf(n - 1));
    const rest = 1_000 - (performance.now() - since);
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
  }
  await running.remove(pathOf(n - 1));
}
