import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../ports.ts';
import { type Child, startProcess } from '../process.ts';
import { rawRequest } from '../raw-http.ts';
import { makeTempDir } from '../tmp.ts';
import { until } from '../wait.ts';
import { inOpenFolder } from './closed-folder.ts';

/** What its operator has done to it. */
export interface Ways {
  /** `providersThrottleDuration`. */
  readonly throttle?: string;
  /** It runs as this user and group, and its folder is his. */
  readonly uid?: number;
  /** Of its entry point: `http.middlewares` and such. */
  readonly http?: object;
  /** More of its static configuration. */
  readonly static?: object;
}

/** A Traefik of somebody else, with files of his own in the folder that it watches, and his own ways. */
export interface HostileTraefik {
  /** The folder that it watches. */
  readonly dir: string;
  readonly port: number;
  readonly url: string;
  /** URL of its API. */
  readonly api: string;
  readonly accessLog: string;
  get(target: string): ReturnType<typeof rawRequest>;
  /** Puts a file of the operator's into the folder; an object is written as JSON, which is YAML. */
  write(name: string, content: object | string): void;
  start(): Promise<Child>;
}

/** What he serves himself: `/mine`, and a middleware `greet`. */
export const OWN = {
  http: {
    routers: { mine: { rule: 'Path(`/mine`)', service: 'noop@internal' } },
    middlewares: { greet: { headers: { customResponseHeaders: { 'X-Greeting': 'hello' } } } },
  },
};

/** Makes its configuration; nothing runs before `start`. */
export async function makeHostileTraefik(traefik: string, ways: Ways = {}): Promise<HostileTraefik> {
  const { uid } = ways;
  const home = makeTempDir();
  const dir = join(home, 'dynamic');
  mkdirSync(dir);
  chmodSync(dir, 0o755);
  const [port, apiPort] = [await freePort(), await freePort()];
  const accessLog = join(home, 'access.log');
  const staticFile = join(home, 'traefik.yml');
  const url = `http://127.0.0.1:${port}`;
  const api = `http://127.0.0.1:${apiPort}`;
  writeFileSync(
    staticFile,
    JSON.stringify({
      global: { checkNewVersion: false, sendAnonymousUsage: false },
      entryPoints: {
        web: { address: `127.0.0.1:${port}`, http: { sanitizePath: false, ...ways.http } },
        traefik: { address: `127.0.0.1:${apiPort}` },
      },
      api: { insecure: true },
      accessLog: { filePath: accessLog, format: 'json' },
      providers: { providersThrottleDuration: ways.throttle ?? '100ms', file: { directory: dir } },
      ...ways.static,
    }),
  );
  const write = (name: string, content: object | string) =>
    writeFileSync(join(dir, name), typeof content === 'string' ? content : JSON.stringify(content));
  write('own.yml', OWN);
  if (uid !== undefined) for (const path of [home, dir]) chownSync(path, uid, uid);
  return {
    dir,
    port,
    url,
    api,
    accessLog,
    get: (target) => rawRequest({ port, target }),
    write,
    async start() {
      const flag = `--configFile=${staticFile}`;
      const own = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
      const [program, ...args] = uid === undefined ? [traefik, flag] : ['setpriv', ...own, inOpenFolder(traefik), flag];
      const child = startProcess(program as string, args);
      await until(async () => child.exit() || (await fetch(`${api}/api/version`)).ok, { what: 'Traefik to start' });
      if (child.exit()) throw new Error(`Traefik ended: ${child.output()}`);
      return child;
    },
  };
}
