/**
 * The demo behind `npm run quickstart`: a real Signalbox with a real nginx, a page served through it, routes that come and
 * go all the time, and the dashboard. Started by scripts/quickstart.mjs, which has seen to dependencies, nginx and free
 * ports.
 */
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Churn } from './churn.ts';
import { Daemon } from './daemon.ts';
import { Dashboard } from './dashboard.ts';
import { ask, closeConnections } from './http.ts';
import { startPeople } from './people.ts';
import type { Stats } from './stats.ts';
import { introduction, showStatus, statusLine } from './terminal.ts';
import { startUserServers } from './users.ts';
import { startWebServer } from './web.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    'api-port': { type: 'string' },
    'dashboard-port': { type: 'string' },
    nginx: { type: 'string' },
  },
});
const port = Number(values.port);
const apiPort = Number(values['api-port']);
const publicUrl = `http://127.0.0.1:${port}`;
const apiUrl = `http://127.0.0.1:${apiPort}`;
const token = randomBytes(16).toString('hex');

// Newest first at the end, like the cleanup of a test.
const undo: (() => unknown)[] = [];
let exitCode = 0;
const asked = Promise.withResolvers<void>();
const running: { force(): Promise<void> }[] = [];
let signals = 0;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
// quickstart.mjs was killed, and with it the way in which a Ctrl-C would come.
process.on('disconnect', onSignal);
// The terminal may be gone before the last line is written.
process.stdout.on('error', () => undefined);

function onSignal(): void {
  signals += 1;
  asked.resolve();
  if (signals > 1) for (const program of running) program.force();
}

// A mistake in the demo must not leave a daemon and an nginx behind.
process.on('uncaughtException', (error) => {
  fail(error.stack);
  asked.resolve();
});

function fail(error: unknown): void {
  exitCode = 1;
  console.error(error instanceof Error ? error.message : error);
}

try {
  await run();
} catch (error) {
  fail(error);
} finally {
  for (const step of undo.reverse()) {
    try {
      await step();
    } catch (error) {
      fail(error);
    }
  }
}
process.exit(exitCode);

async function run(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-demo-'));
  // Started by root, nginx's workers run as nobody and have to get in.
  chmodSync(folder, 0o711);
  undo.push(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

  const signalbox = new Daemon({
    port,
    apiPort,
    nginx: values.nginx ?? 'nginx',
    stateDir: join(folder, 'state'),
    token,
  });
  running.push(signalbox);
  undo.push(() => signalbox.stop());
  const ready = await Promise.race([signalbox.ready(), asked.promise]);
  if (signals > 0) return;
  if (!ready) throw new Error(`Signalbox did not start. Its last lines:\n${signalbox.lastLines()}`);

  // Only now: on ports that the system picks, they must not come upon those of the daemon first.
  const users = await startUserServers(6);
  undo.push(() => users.close());
  // Ended before the daemon: as long as a page holds its websocket, nginx would wait for it to end.
  const web = await startWebServer();
  undo.push(() => web.close());
  undo.push(closeConnections);

  await addRoute('/', web.url, { hub: true });
  const people = await startPeople({ publicUrl, addRoute });
  undo.push(() => people.close());

  const dashboard = new Dashboard({ port: Number(values['dashboard-port']), apiUrl, token, folder });
  running.push(dashboard);
  undo.push(() => dashboard.stop());
  const answers = await Promise.race([dashboard.ready(), asked.promise]);
  if (signals > 0) return;
  if (!answers) throw new Error(`The dashboard did not start. Its last lines:\n${dashboard.lastLines()}`);

  const stats: Stats = { changes: 0, failed: 0, wrong: 0, routes: undefined, reloads: undefined };
  const churn = new Churn({ publicUrl, apiUrl, token, targets: users.urls, stats });
  churn.start();
  undo.push(() => churn.stop());
  const started = performance.now();
  const pushing = setInterval(() => web.send(message(stats, churn)), 250);
  const looking = setInterval(() => look(stats), 1_000);
  console.log(introduction({ publicUrl, apiUrl, dashboardUrl: dashboard.url, token, target: users.urls[0] ?? '' }));
  const status = showStatus(() =>
    statusLine(stats, (performance.now() - started) / 1_000, web.pages(), churn.percentiles(0.5, 0.99)),
  );
  undo.push(() => {
    clearInterval(pushing);
    clearInterval(looking);
    status.stop();
    console.log('Stopping.');
  });

  const died = (name: string, program: Daemon | Dashboard) =>
    program.ended.then((how) => `\n${name} has ended by itself (${how}). Its last lines:\n${program.lastLines()}`);
  const failure = await Promise.race([died('Signalbox', signalbox), died('The dashboard', dashboard), asked.promise]);
  if (failure) throw new Error(failure);
}

async function addRoute(path: string, target: string, data: object): Promise<void> {
  const headers = { Authorization: `token ${token}` };
  const { status, text } = await ask(`${apiUrl}/api/routes${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...data, target }),
  });
  if (status !== 201) throw new Error(`Signalbox refused the route ${path}: ${status} ${text}`);
}

/** Takes the numbers that only the daemon knows. */
async function look(stats: Stats): Promise<void> {
  const answer = await ask(`${apiUrl}/status`, { headers: { Authorization: `token ${token}` } }).catch(() => undefined);
  if (answer?.status !== 200) return;
  const status = JSON.parse(answer.text);
  stats.routes = status.routes;
  stats.reloads = status.reloads;
}

function message(stats: Stats, churn: Churn): object {
  const [p50, p99] = churn.percentiles(0.5, 0.99);
  return { ...stats, p50, p99, latencies: churn.takeLatencies(), lamps: churn.lamps() };
}
