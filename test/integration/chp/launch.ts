import { randomBytes } from 'node:crypto';
import { BIN } from '../../support/bin.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { type ProxyChoice, proxyFlags } from '../../support/proxies.ts';
import { type Answer, rawRequest } from '../../support/raw-http.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

export interface Chp {
  readonly child: Child;
  readonly port: number;
  readonly apiPort: number;
  readonly token: string;
  /** Where it makes its temporary folder. */
  readonly tmp: string;
  api(method: string, path: string, body?: object): Promise<Answer>;
  get(path: string): Promise<Answer>;
}

export interface LaunchOptions {
  readonly proxy: ProxyChoice;
  readonly args?: readonly string[];
  /** Ports, token and folder of one that was there before. */
  readonly like?: Chp;
  readonly tls?: boolean;
  /** TMPDIR; a new one unless given. */
  readonly tmp?: string;
  /** Options of Node. */
  readonly nodeArgs?: readonly string[];
}

/** Starts `signalbox chp` as JupyterHub would. Does not wait for anything. */
export async function launch({
  proxy,
  args = [],
  like,
  tls = false,
  nodeArgs = [],
  ...options
}: LaunchOptions): Promise<Chp> {
  const port = like?.port ?? (await freePort());
  const apiPort = like?.apiPort ?? (await freePort());
  const token = like?.token ?? randomBytes(16).toString('hex');
  const tmp = like?.tmp ?? options.tmp ?? makeTempDir();
  const addresses = ['--ip=127.0.0.1', `--port=${port}`, '--api-ip=127.0.0.1', `--api-port=${apiPort}`];
  const child = startProcess(process.execPath, [...nodeArgs, BIN, 'chp', ...addresses, ...proxyFlags(proxy), ...args], {
    env: { CONFIGPROXY_AUTH_TOKEN: token, TMPDIR: tmp },
  });
  return {
    child,
    port,
    apiPort,
    token,
    tmp,
    api: (method, target, body) =>
      rawRequest({
        port: apiPort,
        method,
        target,
        headers: [['Authorization', `token ${token}`]],
        ...(body ? { body: JSON.stringify(body) } : {}),
      }),
    get: (target) => rawRequest({ port, target, tls }),
  };
}

/** The same, and waits until both sides answer. */
export async function launched(options: LaunchOptions): Promise<Chp> {
  const chp = await launch(options);
  await until(
    async () => {
      if (chp.child.exit()) throw new Error(`signalbox chp ended: ${chp.child.output()}`);
      const [api, proxy] = await Promise.all([chp.api('GET', '/readyz'), chp.get('/_chp_healthz')]);
      return api.status === 200 && proxy.status === 200;
    },
    { timeout: 20_000, what: 'signalbox chp to be ready' },
  );
  return chp;
}
