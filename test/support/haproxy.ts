import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tools } from '../../scripts/setup/run.mjs';
import { findProgram } from '../../src/system/find-program.ts';
import { freePort } from './ports.ts';
import { type Child, startProcess } from './process.ts';
import { rawRequest } from './raw-http.ts';
import { makeTempDir } from './tmp.ts';
import { until } from './wait.ts';

const unpacked = join(tools, 'apt-programs/starters/haproxy');
const program = findProgram('haproxy') ?? (existsSync(unpacked) ? unpacked : undefined);

/** Why there is none; empty when there is one. */
export const missingHaproxy = program === undefined ? 'no haproxy (npm test fetches it where there is apt-get)' : '';

export interface Balancer {
  readonly port: number;
  readonly apiPort: number;
  /** A line for each request, and one when a replica comes or goes. */
  logs(): string;
}

/** A HAProxy in front of three replicas, with docker/fleet/haproxy.cfg: only addresses are others, and it checks more often. */
export async function startHaproxy(
  replicas: readonly { readonly port: number; readonly apiPort: number }[],
): Promise<Balancer> {
  if (program === undefined) throw new Error(missingHaproxy);
  const [port, apiPort] = [await freePort(), await freePort()];
  const server = (_: string, name: string, number: string, isApi: string) => {
    const replica = replicas[Number(number) - 1];
    if (replica === undefined) throw new Error(`no replica for ${name}`);
    return `server ${name} 127.0.0.1:${isApi === '1' ? replica.apiPort : replica.port} port ${replica.apiPort}`;
  };
  const config = readFileSync(resolve(import.meta.dirname, '../../docker/fleet/haproxy.cfg'), 'utf8')
    .replace(/^resolvers names\n(?: .*\n)+/m, '')
    // Else a check has as long as there is between two, which a busy machine may be too slow for.
    .replace(/^ +default-server .*/m, '    timeout check 2s\n    default-server check inter 200ms fall 2 rise 1')
    .replace('bind :8000', `bind 127.0.0.1:${port}`)
    .replace('bind :8001', `bind 127.0.0.1:${apiPort}`)
    .replace(/server (signalbox-(\d)) signalbox-\d:800(\d)/g, server);
  const file = join(makeTempDir(), 'haproxy.cfg');
  writeFileSync(file, config);
  const child: Child = startProcess(program, ['-db', '-f', file]);
  const isUp = async () => (await rawRequest({ port: apiPort, target: '/readyz' })).status === 200;
  await until(() => child.exit() !== undefined || isUp(), { what: 'HAProxy to find a replica' });
  if (child.exit()) throw new Error(`HAProxy ended at its start: ${child.output()}`);
  return { port, apiPort, logs: () => child.output() };
}
