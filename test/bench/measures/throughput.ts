import type { Running } from '../contenders/contender.ts';
import type { Wrk } from '../load/find-wrk.ts';
import { runLoad } from '../load/wrk.ts';
import { cpuSeconds, memoryMb } from '../machine/usage.ts';
import { untilIdle } from './idle.ts';
import type { Figures, Section } from './section.ts';
import { BUSY, busyPaths } from './users.ts';

const sizes = ['10', '1,000', '10,000'];
const keyOf = (size: string) => size.replace(',', '');

export const throughputSection: Section = {
  title: 'Requests',
  text:
    `GET on 32 connections that stay open, to ${BUSY} of the users at most, each with a backend address of their own. CPU is what all ` +
    'processes of the contender used. *Busy* is that CPU as a part of its core: where it is under 90 % the requests a second were held ' +
    'down by something else (generator, backend, other programs), and CPU a request is the figure to compare. Signalbox and ' +
    'configurable-http-proxy know when each route was last active, for which nginx and Traefik log each request; traefik-proxy does not.',
  rows: [
    ...sizes.map((size) => ({
      key: `cpu.${keyOf(size)}`,
      label: `CPU a request, ${size} routes`,
      unit: 'µs',
      ratio: 'shown' as const,
    })),
    ...sizes.map((size) => ({
      key: `rps.${keyOf(size)}`,
      label: `requests a second, ${size} routes`,
      unit: '1/s',
      ratio: 'shown' as const,
    })),
    ...sizes.map((size) => ({
      key: `busy.${keyOf(size)}`,
      label: `busy, ${size} routes`,
      unit: '%',
      ratio: 'none' as const,
    })),
  ],
};

export const memorySection: Section = {
  title: 'Memory',
  text:
    'Of all processes together, right after that load; what they share counts once (PSS). traefik-proxy is a part of the Hub: of that ' +
    'process only what it grew by.',
  rows: sizes.map((size) => ({
    key: `memory.${keyOf(size)}`,
    label: `${size} routes`,
    unit: 'MB',
    ratio: 'shown' as const,
  })),
};

/** Requests to a table of so many users; `key` is the end of their names. */
export async function measureThroughput(
  running: Running,
  wrk: Wrk,
  users: number,
  key: string,
  seconds: number,
): Promise<Figures> {
  const paths = busyPaths(users);
  // The first requests open connections, are compiled, show which backends are in use: that is not what is measured.
  await runLoad(wrk, running.url, paths, 1);
  await running.settle();
  await untilIdle(running);
  const before = cpuSeconds(running.pids());
  const load = await runLoad(wrk, running.url, paths, seconds);
  const cpu = cpuSeconds(running.pids()) - before;
  return {
    [`rps.${key}`]: load.requests / load.seconds,
    [`cpu.${key}`]: (cpu / load.requests) * 1e6,
    [`busy.${key}`]: (cpu / load.seconds) * 100,
    [`memory.${key}`]: memoryMb(running.pids()) - running.foreignMb,
  };
}
