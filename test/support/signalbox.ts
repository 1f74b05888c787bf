import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { onCleanup } from './cleanup.ts';
import type { HeaderPairs } from './http-response.ts';
import { freePort } from './ports.ts';
import { type Child, type Exit, startProcess } from './process.ts';
import { isAlive } from './process-tree.ts';
import { type ProxyChoice, proxyFlags } from './proxies.ts';
import { type Answer, rawRequest } from './raw-http.ts';
import { makeTempDir } from './tmp.ts';
import { type Observation, outcome, TruthWatch } from './truth.ts';
import { until } from './wait.ts';

export interface SignalboxOptions {
  /** The proxy to run. */
  readonly proxy: ProxyChoice;
  /** More flags of `signalbox serve`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A new one unless given. */
  readonly stateDir?: string;
  /** What to run instead of `bin/signalbox.js serve` of this clone, such as an installed package. */
  readonly command?: readonly [string, ...string[]];
  /** Milliseconds until it must be ready; 45 s unless given: a busy machine must not be what is tested. */
  readonly readyTimeout?: number;
  /** false: waits only until the API answers, for a proxy that comes later or never. */
  readonly whenReady?: boolean;
  /**
   * Every second what the daemon says of itself is compared with what users get (truth.ts), and the test file fails when they differ
   * for long. `routes`: also its routes are asked for, at once when they are added, which moves their `last_activity` and reaches their backends. `none`: a test
   * that has them differ on purpose.
   */
  readonly truth?: 'routes' | 'none';
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

const root = resolve(import.meta.dirname, '../..');

/** Starts the real daemon with a real proxy, and waits until it is ready. Both are gone at the end of the test file. */
export async function startSignalbox(options: SignalboxOptions): Promise<Signalbox> {
  const stateDir = options.stateDir ?? join(makeTempDir(), 'state');
  const token = randomBytes(16).toString('hex');
  const [port, apiPort] = [await freePort(), await freePort()];
  const [command, ...first] = options.command ?? [process.execPath, join(root, 'bin/signalbox.js'), 'serve'];
  const flags = [
    ['--public', `127.0.0.1:${port}`, '--api', `127.0.0.1:${apiPort}`, '--state-dir', stateDir],
    proxyFlags(options.proxy),
    options.args ?? [],
  ].flat();
  const env = { SIGNALBOX_API_TOKEN: token, ...options.env };
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

  async function look(): Promise<Observation> {
    const [ready, status] = await Promise.all([api('GET', '/readyz'), api('GET', '/status')]);
    const { generation, proxy } = status.json<{ generation: Observation['generation']; proxy: { up: boolean } }>();
    const paths = await userPaths();
    const users = paths.map(async (path) => [path, await outcome(rawRequest({ port, target: path, timeout: 3_000 }))]);
    return { ready: ready.status, generation, up: proxy.up, users: Object.fromEntries(await Promise.all(users)) };
  }

  /** nginx logs no line for its health, so that no test that counts them is disturbed. */
  async function userPaths(): Promise<string[]> {
    const health = driver === 'nginx' ? ['/_chp_healthz'] : [];
    if (options.truth !== 'routes') return health;
    const keys = Object.keys((await api('GET', '/api/routes')).json<object>());
    const sample = keys[Math.floor(Math.random() * keys.length)];
    return [...health, ...(sample === undefined ? [] : [`${sample.replace(/\/$/, '')}/`])];
  }

  async function expectStatus(status: number, method: string, path: string, body?: unknown): Promise<void> {
    const answer = await api(method, path, body);
    if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text()}`);
  }

  await start();
  if (options.truth !== 'none') {
    const truth = new TruthWatch({ look });
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
      if (options.truth !== 'routes') return;
      const got = await outcome(rawRequest({ port, target: `${routespec}/` }));
      if (got === 404 || typeof got === 'string') throw new Error(`201 for ${routespec}, and a user gets: ${got}`);
    },
    remove: (routespec) => expectStatus(204, 'DELETE', `/api/routes${routespec}`),
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
