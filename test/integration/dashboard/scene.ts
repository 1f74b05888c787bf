import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { until } from '../../support/wait.ts';
import { Visitor } from './visitor.ts';

export interface DashboardOptions {
  /** Where the daemon's API is. */
  readonly api: string;
  /** More options of `signalbox dashboard`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly prefix?: string;
  /** A new one unless given. */
  readonly port?: number;
}

export interface Dashboard {
  /** Where its page is, with the slash at the end. */
  readonly url: string;
  readonly port: number;
  readonly child: Child;
  /** Somebody with a browser of their own. */
  visitor(): Visitor;
}

const running = new Set<() => Promise<void>>();

/** Ends all that were started so far. */
export async function stopDashboards(): Promise<void> {
  await Promise.all([...running].map((stop) => stop()));
  running.clear();
}

/** Starts a dashboard as a process of its own, and waits until it answers. */
export async function startDashboard({ api, args = [], env = {}, prefix = '/signalbox/', port }: DashboardOptions) {
  const at = port ?? (await freePort());
  const flags = ['--api', api, '--listen', `127.0.0.1:${at}`, '--log-level', 'debug', ...args];
  const child = startProcess(process.execPath, [BIN, 'dashboard', ...flags], { env });
  running.add(onCleanup(() => (child.exit() ? undefined : child.stop().catch(() => child.kill('SIGKILL')))));
  const url = `http://127.0.0.1:${at}${prefix}`;
  const answers = async () => child.exit() !== undefined || (await fetch(`${url}healthz`)).ok;
  await until(answers, { timeout: 20_000, what: 'the dashboard to answer' });
  if (child.exit()) throw new Error(`the dashboard ended at its start:\n${child.output()}`);
  const dashboard: Dashboard = { url, port: at, child, visitor: () => new Visitor(url) };
  return dashboard;
}
