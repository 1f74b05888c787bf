import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { BIN } from './bin.ts';
import { onCleanup } from './cleanup.ts';
import type { HeaderPairs } from './http-response.ts';
import { freePort } from './ports.ts';
import { type Child, type Exit, startProcess } from './process.ts';
import { isAlive } from './process-tree.ts';
import { type ProxyChoice, proxyFlags } from './proxies.ts';
import { type Answer, rawRequest } from './raw-http.ts';
import { makeTempDir } from './tmp.ts';
import { type Observation, TruthWatch } from './truth.ts';
import { Users } from './users.ts';
import { until } from './wait.ts';

export interface SignalboxOptions {
  /** The proxy to run. */
  readonly proxy: ProxyChoice;
  /** More flags of `signalbox serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A new one unless given. */
  readonly stateDir?: string;
  /** A new one unless given: of replicas that share a table. */
  readonly token?: string;
  /** Tells other replicas where its API is. */
  readonly advertise?: boolean;
  /** What to run instead of `bin/signalbox.js serve` of this clone, such as an installed package. */
  readonly command?: readonly [string, ...string[]];
  /** Milliseconds until it must be ready; 45 s unless given: a busy machine must not be what is tested. */
  readonly readyTimeout?: number;
  /** false: waits only until the API answers, for a proxy that comes later or never. */
  readonly whenReady?: boolean;
  /**
   * Every few seconds what the daemon says of itself is compared with what users get (truth.ts), and the test file fails when they differ
   * for long; and after each 201 of `add` and each 204 of `remove` a user must get what was said. `routes`: each second, and one of the
   * routes is asked for, too. `health`: no route ever is, for a test that counts requests. `none`: a test that has them differ on purpose.
   */
  readonly truth?: 'routes' | 'health' | 'none';
}

export interface Signalbox {
  /** The public side: `http://127.0.0.1:PORT`, and the port alone. */
  readonly url: string;
  readonly port: number;
  readonly apiUrl: string;
  readonly apiPort: number;
  readonly token: string;
  readonly stateDir: string;
  /** Of the daemon that runs now. */
  readonly pid: number;
  /** Undefined while it runs. */
  exit(): Exit | undefined;
  /** The pid in the proxy's pid file; undefined without one. */
  proxyPid(): number | undefined;
  /** A request to the API with the token; the path goes out as it is, a body that is no string as JSON. */
  api(method: string, path: string, body?: unknown, headers?: HeaderPairs): Promise<Answer>;
  /** `POST /api/routes/…`; fails unless 201. */
  add(routespec: string, target: string, data?: Record<string, unknown>): Promise<void>;
  /** `DELETE /api/routes/…`; fails unless 204. */
  remove(routespec: string): Promise<void>;
  /** A request to the public side, its target byte for byte. */
  get(target: string, headers?: HeaderPairs): Promise<Answer>;
  kill(signal: NodeJS.Signals): void;
  /** Signals and waits for the end of the daemon. */
  stop(signal?: NodeJS.Signals, timeout?: number): Promise<Exit>;
  /** Starts a daemon again on the same ports and state, after `stop` or a kill, and waits until it is ready; `args`: more flags. */
  restart(args?: readonly string[]): Promise<void>;
  /** All that the daemons printed. */
  logs(): string;
}

const _root = resolve(import.meta.dirname, '../..');
/** With these a user's request is another one than the plain one that is sent to see what users get. */
const NOT_PLAIN = ['--public', '--ssl-cert', '--public-socket', '--host-routing', '--no-managed'];

/** Starts the real daemon with a real proxy, and waits until it is ready. Both are gone at the end of the test file. */
export async function startSignalbox(options: SignalboxOptions): Promise<Signalbox> {
  const stateDir = options.stateDir ?? join(makeTempDir(), 'state');
  const token = options.token ?? randomBytes(16).toString('hex');
  const [port, apiPort] = [await freePort(), await freePort()];
  const [command, ...first] = options.command ?? [process.execPath, BIN, 'serve'];
  const flags = [
    ['--public', `127.0.0.1:${port}`, '--api', `127.0.0.1:${apiPort}`, '--state-dir', stateDir],
    proxyFlags(options.proxy),
    options.advertise ? ['--advertise', `http://127.0.0.1:${apiPort}`] : [],
    options.args ?? [],
  ].flat();
  const env = { SIGNALBOX_API_TOKEN: token, ...options.env };
  const isPlain = ![...proxyFlags(options.proxy), ...(options.args ?? [])].some((flag) => NOT_PLAIN.includes(flag));
  const checks = isPlain && options.truth !== 'health' && options.truth !== 'none';
  const users = new Users(port, servedRoutes);
  let earlierLogs = '';
  let child: Child;

  const { driver } = options.proxy;
  const proxyPid = () => pidIn(join(stateDir, driver, `${driver}.pid`));
  // Only ever by the pid in its own pid file: other tests run proxies of their own at the same time.
  onCleanup(async () => {
    const pid = proxyPid();
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, 'SIGTERM');
    await until(() => !isAlive(pid), { what: 'the proxy to end', timeout: 5_000 }).catch(() =>
      process.kill(pid, 'SIGKILL'),
    );
  });

  async function start(): Promise<void> {
    child = startProcess(command, [...first, ...flags], { env });
    // After the last daemon's end the proxy may live on, by design; the cleanup above sees to it then.
    onCleanup(() => (child.exit() ? undefined : child.stop('SIGTERM', 10_000).catch(() => child.kill('SIGKILL'))));
    await until(
      async () =>
        child.exit() !== undefined ||
        (await api('GET', options.whenReady === false ? '/healthz' : '/readyz')).status === 200,
      {
        timeout: options.readyTimeout ?? 45_000,
        what: 'Signalbox to be ready',
      },
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${child.output()}`, { cause: error.cause });
    });
    if (child.exit())
      throw new Error(`Signalbox ended at its start (${JSON.stringify(child.exit())}):\n${child.output()}`);
  }

  function api(method: string, path: string, body?: unknown, headers: HeaderPairs = []): Promise<Answer> {
    return rawRequest({
      port: apiPort,
      method,
      target: path,
      headers: [['Authorization', `token ${token}`], ...headers],
      timeout: 60_000,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  /** The table, less the routes that the proxy is said to refuse. */
  async function servedRoutes(): Promise<Record<string, { target: string }>> {
    const [routes, status] = await Promise.all([api('GET', '/api/routes'), api('GET', '/status')]);
    const table = routes.json<Record<string, { target: string }>>();
    for (const { key } of status.json<{ refused?: { key: string }[] }>().refused ?? []) delete table[key];
    return table;
  }

  async function look(): Promise<Observation> {
    const [ready, status] = await Promise.all([api('GET', '/readyz'), api('GET', '/status')]);
    const { generation, proxy } = status.json<{ generation: Observation['generation']; proxy: { up: boolean } }>();
    const health = isPlain && driver === 'nginx' ? await users.health() : {};
    const route = options.truth === 'routes' && isPlain ? await users.sample() : {};
    return { ready: ready.status, generation, up: proxy.up, users: { ...health, ...route } };
  }

  async function expectStatus(status: number, method: string, path: string, body?: unknown): Promise<void> {
    const answer = await api(method, path, body);
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text()}`);
  }

  await start();
  if (options.truth !== 'none') {
    const truth = new TruthWatch({ look, everyMs: options.truth === 'routes' ? 1_000 : 3_000 });
    onCleanup(() => truth.stop());
  }
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    apiUrl: `http://127.0.0.1:${apiPort}`,
    apiPort,
    token,
    stateDir,
    get pid() {
      return child.pid;
    },
    exit: () => child.exit(),
    proxyPid,
    api,
    async add(routespec, target, data) {
      await expectStatus(201, 'POST', `/api/routes${routespec}`, { ...data, target });
      if (checks) await users.check(routespec, target);
    },
    async remove(routespec) {
      await expectStatus(204, 'DELETE', `/api/routes${routespec}`);
      if (checks) await users.check(routespec);
    },
    get: (target, headers = []) => rawRequest({ port, target, headers }),
    kill: (signal) => child.kill(signal),
    stop: (signal, timeout) => child.stop(signal, timeout),
    async restart(args = []) {
      flags.push(...args);
      earlierLogs += child.output();
      await start();
    },
    logs: () => earlierLogs + child.output(),
  };
}

function pidIn(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || undefined;
  } catch {
    return undefined;
  }
}
