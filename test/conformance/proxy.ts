import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../support/cleanup.ts';
import { freePort } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { isAlive } from '../support/process-tree.ts';
import type { Address } from '../support/raw-http.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { answers } from './answers.ts';
import type { Listener } from './case.ts';
import type { Program } from './programs.ts';
import { fill, type Side } from './side.ts';

/** A proxy that runs, and the side it belongs to. */
export interface RunningProxy {
  readonly program: Program;
  readonly side: Side;
  readonly addresses: Readonly<Record<Listener, Address>>;
  /** The side's names and those of this proxy: `{public}` is host and port. */
  readonly names: Readonly<Record<string, string>>;
  stop(): Promise<void>;
  readonly flags: readonly string[];
  output(): string;
}

/** Starts it, and waits until the public side and the API answer. */
export async function startProxy(program: Program, side: Side, flags: readonly string[]): Promise<RunningProxy> {
  const folder = makeTempDir('signalbox-conformance-state-');
  const [port, apiPort, metricsPort, redirectPort] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ]);
  const names = {
    ...side.names,
    state: folder,
    public: `127.0.0.1:${port}`,
    api: `127.0.0.1:${apiPort}`,
    'metrics-port': String(metricsPort),
    'redirect-port': String(redirectPort),
  };
  const filled = flags.map((flag) => fill(flag, names));
  const valueAfter = (flag: string) => filled[filled.indexOf(flag) + 1] ?? '';
  const publicAddress = flags.includes('--socket') ? { socketPath: valueAfter('--socket') } : { port };
  const addresses = {
    public: { ...publicAddress, tls: flags.includes('--ssl-key') },
    api: { port: apiPort, tls: flags.includes('--api-ssl-key') },
    metrics: { port: metricsPort },
    redirect: { port: redirectPort },
  };

  const state = join(folder, 'state');
  const [command, ...first] = program.command;
  const args = [...first, ...program.args(filled, { port, apiPort }, state)];
  const child = startProcess(command, args, { env: program.env });
  // Only ever the proxy of its own pid file: others run on this machine.
  for (const driver of ['nginx', 'traefik']) onCleanup(() => endProxy(join(state, driver, `${driver}.pid`)));
  const stop = onCleanup(async () => {
    if (!child.exit()) await child.stop('SIGTERM', 5_000).catch(() => child.kill('SIGKILL'));
  });
  const { client } = side.certificates.pem;
  const listening = () => Promise.all([answers(addresses.public, client), answers(addresses.api, client)]);
  await until(async () => child.exit() || (await listening()).every(Boolean), {
    what: `${program.name} to listen`,
    timeout: 20_000,
  }).catch((error: Error) => {
    throw new Error(`${error.message}\n${child.output()}`);
  });
  if (child.exit()) throw new Error(`${program.name} ${args.join(' ')} ended at once:\n${child.output()}`);
  return { program, side, addresses, names, flags, stop, output: () => child.output() };
}

async function endProxy(pidFile: string): Promise<void> {
  let pid: number;
  try {
    pid = Number(readFileSync(pidFile, 'utf8'));
  } catch {
    return;
  }
  if (!pid || !isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  await until(() => !isAlive(pid), { what: 'the proxy to end', timeout: 3_000 }).catch(() =>
    process.kill(pid, 'SIGKILL'),
  );
}
