import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, runProcess, startProcess } from '../../support/process.ts';
import { descendants, isAlive, listProcesses, type ProcessInfo } from '../../support/process-tree.ts';
import { type Answer, type RawRequest, rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { hubConfig, type PythonValue } from './hub-config.ts';
import { type HubProxy, type ProxyKind, pidIn, startProxy } from './proxies.ts';
import { logIn, type User, welcome } from './user.ts';
import { jupyterPath } from './venv.ts';

export type Settings = Readonly<Record<string, PythonValue>>;

export interface HubOptions {
  /** One to start, or one that is there. */
  readonly proxy: ProxyKind | HubProxy;
  /** Added to its configuration: `{ 'JupyterHub.allow_named_servers': true }`; or made of the proxy that it has. */
  readonly settings?: Settings | ((proxy: HubProxy) => Settings);
  /** Python that stands behind them. */
  readonly more?: (proxy: HubProxy) => string;
  /** A PATH with another JupyterHub on it. */
  readonly path?: string;
  /** Everything inside speaks TLS with certificates of the Hub. */
  readonly internalSsl?: boolean;
  /** Each user at a host name of their own, the Hub at this one. */
  readonly host?: string;
  /** Everybody at this host name and below this path, `/bio/`; 127.0.0.1 and / unless given. */
  readonly at?: { readonly host?: string; readonly base?: string };
}

export interface Hub {
  /** Where users see it: the public side of the proxy. */
  readonly url: URL;
  readonly port: number;
  readonly folder: string;
  readonly apiPort: number;
  /** The Hub itself, past the proxy. */
  readonly hubPort: number;
  /** With the kinds of proxy that run beside the Hub. */
  readonly signalbox: Signalbox | undefined;
  /** With the kinds that the Hub launches: the pid it wrote down. */
  proxyPid(): number | undefined;
  /** The table as the proxy's own API tells it. */
  routes(): Promise<Readonly<Record<string, { readonly target: string }>>>;
  /** Puts a route into the proxy, past the Hub. */
  addRoute(key: string, target: string): Promise<void>;
  logIn(name: string): Promise<User>;
  /** Somebody who is not logged in asks for a path. */
  get(path: string): Promise<Answer>;
  /** SIGTERM, and its end. */
  stop(): Promise<void>;
  /** After `stop`: on the same ports, with the same database. */
  start(): Promise<void>;
  logs(): string;
}

/** A JupyterHub whose users log in with any password and run real single-user servers, behind a proxy of some kind. */
export async function startHub(options: HubOptions): Promise<Hub> {
  const folder = makeTempDir('signalbox-hub-');
  const hubPort = await freePort();
  const scheme = options.internalSsl ? 'https' : 'http';
  const env = { PATH: options.path ?? jupyterPath, HOME: folder, CONFIGPROXY_AUTH_TOKEN: undefined };
  const given = (proxy: HubProxy) =>
    typeof options.settings === 'function' ? options.settings(proxy) : options.settings;
  const baseSettings = {
    'JupyterHub.hub_port': hubPort,
    'JupyterHub.authenticator_class': 'dummy',
    'Authenticator.allow_all': true,
    'JupyterHub.spawner_class': 'simple',
    'SimpleLocalProcessSpawner.home_dir_template': join(folder, 'home/{username}'),
    // Absolute, since servers start in their own homes.
    'JupyterHub.internal_certs_location': join(folder, 'internal-ssl'),
    'Spawner.notebook_dir': join(folder, 'notebooks'),
    'Spawner.args': process.getuid?.() === 0 ? ['--allow-root'] : [],
    'Spawner.environment': { JUPYTERHUB_SINGLEUSER_APP: 'jupyter_server.serverapp.ServerApp' },
    // Two cores and other tests beside these: the defaults take a slow start for a failed one.
    'Spawner.start_timeout': 90,
    'Spawner.http_timeout': 90,
    'JupyterHub.tornado_settings': { slow_spawn_timeout: 0 },
    ...(options.internalSsl ? { 'JupyterHub.internal_ssl': true } : {}),
  };
  const configFile = join(folder, 'jupyterhub_config.py');
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'notebooks'));
  writeFileSync(join(folder, 'notebooks', welcome.file), welcome.text);
  if (options.internalSsl) {
    writeFileSync(configFile, hubConfig(baseSettings));
    const made = await runProcess('jupyterhub', ['--generate-certs'], { cwd: folder, env });
    if (made.code !== 0) throw new Error(`jupyterhub --generate-certs: ${made.output}`);
  }
  const { host = options.host ?? '127.0.0.1', base = '/' } = options.at ?? {};
  const proxy: HubProxy =
    typeof options.proxy === 'object'
      ? options.proxy
      : await startProxy(options.proxy, {
          folder,
          errorTarget: `${scheme}://127.0.0.1:${hubPort}${base}hub/error`,
          hostRouting: options.host !== undefined,
          internalCerts: options.internalSsl ? join(folder, 'internal-ssl') : undefined,
        });
  const url = new URL(`http://${host}:${proxy.port}${base}`);
  const settings = {
    ...baseSettings,
    'JupyterHub.bind_url': `http://127.0.0.1:${proxy.port}${base}`,
    ...(options.host === undefined ? {} : { 'JupyterHub.subdomain_host': url.origin }),
    ...proxy.settings,
    ...given(proxy),
  };
  writeFileSync(configFile, hubConfig(settings) + (options.more?.(proxy) ?? ''));

  let child: Child;
  let earlierLogs = '';
  const strays = new Map<number, ProcessInfo>();
  const noteChildren = () => {
    for (const one of descendants(child.pid)) strays.set(one.pid, one);
  };
  async function start(): Promise<void> {
    child = startProcess('jupyterhub', ['--config', configFile], { cwd: folder, env, detached: true });
    // After `startProcess`, so that this is undone first: a Hub that is killed leaves its servers behind, unknown.
    onCleanup(async () => {
      await stop().catch(() => child.kill('SIGKILL'));
      await killLeft([...strays.values()]);
    });
    await child.waitForOutput(/JupyterHub is now running/, 60_000);
    await until(async () => (await get(`${base}hub/health`)).status === 200, {
      what: 'the Hub to answer through the proxy',
    });
  }

  async function stop(): Promise<void> {
    noteChildren();
    child.kill('SIGTERM');
    // Not `child.stop`: servers and a proxy that outlive the Hub hold its output open.
    await until(() => !isAlive(child.pid), { timeout: 30_000, what: 'the Hub to end' });
  }

  function get(path: string): Promise<Answer> {
    return rawRequest({ port: proxy.port, target: path, headers: [['Host', url.host]], timeout: 30_000 });
  }

  const api: Pick<RawRequest, 'port' | 'headers'> = {
    port: proxy.api.port,
    headers: [['Authorization', `token ${proxy.api.token}`]],
  };

  await start();
  return {
    url,
    port: proxy.port,
    folder,
    apiPort: proxy.api.port,
    hubPort,
    signalbox: proxy.signalbox,
    proxyPid: () => pidIn(join(folder, 'jupyterhub-proxy.pid')),
    async routes() {
      const answer = await rawRequest({ ...api, target: '/api/routes' });
      if (answer.status !== 200) throw new Error(`GET /api/routes: ${answer.status} ${answer.text()}`);
      return answer.json();
    },
    async addRoute(key, target) {
      const body = JSON.stringify({ target });
      const answer = await rawRequest({ ...api, method: 'POST', target: `/api/routes${key}`, body });
      if (answer.status !== 201) throw new Error(`POST /api/routes${key}: ${answer.status} ${answer.text()}`);
    },
    logIn: (name) => logIn(url, name),
    get,
    stop,
    async start() {
      earlierLogs += child.output();
      await start();
    },
    logs: () => earlierLogs + child.output() + (proxy.signalbox?.logs() ?? ''),
  };
}

/** What a Hub leaves behind: by pid, and only while the pid still belongs to the same command. */
async function killLeft(processes: readonly ProcessInfo[]): Promise<void> {
  const left = () => {
    const now = new Map(listProcesses().map((one) => [one.pid, one]));
    return processes.filter(({ pid, command }) => {
      const found = now.get(pid);
      return found !== undefined && !found.zombie && found.command === command;
    });
  };
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    for (const { pid } of left()) process.kill(pid, signal);
    await until(() => left().length === 0, { timeout: 5_000, what: 'what the Hub left to end' }).catch(() => undefined);
  }
}
