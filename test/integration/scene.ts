import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { listProcesses } from '../support/process-tree.ts';
import { describeEachProxy, describeEachProxyOnce, type ProxyKind, type TestProxy } from '../support/proxies.ts';
import { type Signalbox, type SignalboxOptions, startSignalbox } from '../support/signalbox.ts';

export interface Scene {
  readonly proxy: TestProxy;
  /** A daemon with this proxy. */
  start(options?: Partial<SignalboxOptions>): Promise<Signalbox>;
}

/** A suite for each proxy: see describeEachProxy. */
export function describeEachScene(name: string, body: (scene: Scene) => void, kinds?: readonly ProxyKind[]): void {
  describeEachProxy(name, (proxy) => body(makeScene(proxy)), kinds);
}

/** For what takes long and hardly depends on the version: see describeEachProxyOnce. */
export function describeEachSceneOnce(name: string, body: (scene: Scene) => void, kinds?: readonly ProxyKind[]): void {
  describeEachProxyOnce(name, (proxy) => body(makeScene(proxy)), kinds);
}

function makeScene(proxy: TestProxy): Scene {
  return {
    proxy,
    start: (options = {}) => startSignalbox({ proxy, truth: 'routes', ...options }),
  };
}

export interface Status {
  generation: { wanted: number; served: number };
  proxy: { up: boolean; version: string | null; restarts: number };
  routes: number;
  pending: number;
  reloads: number;
  drainingWorkers: number | null;
  draining: { generations: number; bytes: number | null } | null;
  pins: { targets: number; share: number | null } | null;
  lastError: { time: string; message: string } | null;
}

export async function status(signalbox: Signalbox): Promise<Status> {
  return (await signalbox.api('GET', '/status')).json<Status>();
}

export async function isReady(signalbox: Signalbox): Promise<boolean> {
  return (await signalbox.api('GET', '/readyz')).status === 200;
}

/** Runs jobs with so many at a time. */
export async function inParallel<T>(workers: number, jobs: Iterable<T>, run: (job: T) => Promise<unknown>) {
  const iterator = jobs[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: workers }, async () => {
      for (let next = iterator.next(); !next.done; next = iterator.next()) await run(next.value);
    }),
  );
}

/** All processes of the proxy that a daemon started, by the folder they run in. */
export function proxyProcesses(stateDir: string): { pid: number; title: string }[] {
  const folders = ['nginx', 'traefik'].map((driver) => join(stateDir, driver));
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!folders.includes(readlinkSync(`/proc/${pid}/cwd`))) continue;
      const title = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      if (title !== '') found.push({ pid: Number(pid), title });
    } catch {
      // It ended meanwhile.
    }
  }
  return found;
}

/** nginx's master, or Traefik. A worker that was forked a moment ago still bears its master's title: its parent tells them apart. */
export function masters(stateDir: string): number[] {
  const parents = new Map(listProcesses().map(({ pid, ppid }) => [pid, ppid]));
  const titled = proxyProcesses(stateDir).filter(({ title }) => /^nginx: master| --configFile=/.test(title));
  return titled.map(({ pid }) => pid).filter((pid) => !titled.some((one) => one.pid === parents.get(pid)));
}

/** nginx's; Traefik has none. */
export function workers(stateDir: string): number[] {
  return proxyProcesses(stateDir)
    .filter(({ title }) => title.startsWith('nginx: worker'))
    .map(({ pid }) => pid);
}
