import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from '../../support/cleanup.ts';
import { type Child, startProcess } from '../../support/process.ts';
import type { TestProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { isReady } from '../scene.ts';

/** A sidecar: a daemon, and beside it an nginx of the test's own with our file in its http block. */
export interface Sidecar {
  readonly signalbox: Signalbox;
  readonly nginx: Child;
  readonly pidFile: string;
  readonly templates: string;
  /** The configuration of the daemon, for doctor, with what only doctor is told: how nginx is reloaded. */
  readonly flags: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Starts both. The daemon does not know how to reload nginx; `wrap`: what nginx is started through. */
export async function startSidecar(
  proxy: TestProxy,
  wrap: (stateDir: string) => readonly string[] = () => [],
  whenReady = true,
  args: readonly string[] = [],
): Promise<Sidecar> {
  const dir = makeTempDir();
  const stateDir = join(dir, 'state');
  const templates = join(dir, 'templates');
  mkdirSync(stateDir, { mode: 0o711 });
  mkdirSync(join(templates, 'nginx'), { recursive: true });
  const settings = ['--no-managed', '--no-pin', '--templates', templates];
  const signalbox = await startSignalbox({
    proxy,
    stateDir,
    whenReady: false,
    args: [...settings, ...args, '--apply-timeout', '1s'],
  });
  await until(() => readFileSync(join(stateDir, 'nginx/current/signalbox.conf')), { what: 'our file' });
  const { child, pidFile } = await startNginx(
    proxy.path,
    wrap(stateDir),
    `include ${stateDir}/nginx/current/signalbox.conf;`,
  );
  if (whenReady) await until(() => isReady(signalbox), { what: 'Signalbox to find nginx' });
  const listen = ['--public', `127.0.0.1:${signalbox.port}`, '--api', `127.0.0.1:${signalbox.apiPort}`];
  return {
    signalbox,
    nginx: child,
    pidFile,
    templates,
    flags: [...settings, ...listen, '--state-dir', stateDir, '--nginx', proxy.path, '--nginx-pid-file', pidFile],
    env: { SIGNALBOX_API_TOKEN: signalbox.token, HOME: dir, PATH: process.env.PATH },
  };
}

/** An nginx whose http block is as given, and what is around that. */
export async function startNginx(
  nginx: string,
  wrap: readonly string[],
  http: string,
  main = 'pcre_jit on;',
  flags: readonly string[] = [],
) {
  const dir = makeTempDir();
  const pidFile = join(dir, 'nginx.pid');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  );
  writeFileSync(
    join(dir, 'nginx.conf'),
    `${main}
     daemon off; pid ${pidFile}; error_log ${dir}/error.log; worker_processes 1; events {}
     http { access_log off; ${temporary.join(' ')} ${http} }`,
  );
  const [command, ...args] = [
    ...wrap,
    nginx,
    '-p',
    dir,
    '-e',
    `${dir}/error.log`,
    '-c',
    join(dir, 'nginx.conf'),
    ...flags,
  ];
  const child = startProcess(command as string, args);
  // A master that is killed leaves its workers.
  onCleanup(() => (child.exit() ? undefined : child.stop('SIGTERM', 10_000)));
  await until(() => child.exit() || readFileSync(pidFile, 'utf8') !== '', { what: 'nginx to start' });
  if (child.exit()) throw new Error(`nginx ended: ${child.output()}`);
  return { child, pidFile };
}
