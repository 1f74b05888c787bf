import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { isAlive } from '../../support/process-tree.ts';
import { anyProxy, type ProxyChoice, proxyFlags } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { missingTraefik, testTraefik } from '../../support/traefik.ts';
import { until } from '../../support/wait.ts';
import type { PythonValue } from './hub-config.ts';

/**
 * - `signalbox-beside`: `signalbox serve`, started before the Hub, which is told where its API is
 * - `signalbox-sidecar`: the same, with an nginx that the test starts
 * - `signalbox-chp`: `signalbox chp`, which the Hub launches in place of configurable-http-proxy
 * - `traefik-beside`, `traefik-chp`: the same with Traefik in place of nginx
 * - `chp`: configurable-http-proxy itself, to see that the tests are right; only when asked for, with
 *   `SIGNALBOX_TEST_JUPYTERHUB_CHP=1`
 */
export type ProxyKind =
  | 'signalbox-beside'
  | 'signalbox-sidecar'
  | 'signalbox-chp'
  | 'traefik-beside'
  | 'traefik-chp'
  | 'chp';

export interface ProxyNeeds {
  /** A folder for its files, which goes at the end. */
  readonly folder: string;
  /** Where the Hub's own error pages are. */
  readonly errorTarget: string;
  readonly hostRouting: boolean;
  /** The Hub's folder of certificates when everything inside speaks TLS (`internal_ssl`). */
  readonly internalCerts: string | undefined;
}

export interface HubProxy {
  readonly port: number;
  /** Settings of the Hub. */
  readonly settings: Readonly<Record<string, PythonValue>>;
  readonly api: { readonly port: number; readonly token: string };
  /** With the kinds that the test starts itself. */
  readonly signalbox?: Signalbox;
}

/** Often, so that tests of activity are short. */
const PROBE = ['--activity-probe-interval', '500ms'];

/** Why this kind can't be tested here; undefined when it can. */
export function missingProxy(kind: ProxyKind): string | undefined {
  if (kind === 'chp')
    return process.env.SIGNALBOX_TEST_JUPYTERHUB_CHP ? undefined : 'SIGNALBOX_TEST_JUPYTERHUB_CHP is not set';
  if (kind.startsWith('traefik') ? !testTraefik : !anyNginx)
    return kind.startsWith('traefik') ? missingTraefik : `no nginx: ${missingNginx}`;
  return kind.endsWith('-chp') ? missingChpCommand() : undefined;
}

export function startProxy(kind: ProxyKind, needs: ProxyNeeds): Promise<HubProxy> {
  switch (kind) {
    case 'signalbox-beside':
      return startBeside(needs, anyProxy());
    case 'traefik-beside':
      return startBeside(needs, traefik());
    case 'signalbox-sidecar':
      return startSidecar(needs);
    case 'signalbox-chp':
      return launchedByHub(needs, chpCommandLine(needs, anyProxy()));
    case 'traefik-chp':
      return launchedByHub(needs, chpCommandLine(needs, traefik()));
    case 'chp':
      return launchedByHub(needs, [chpProgram()]);
  }
}

function traefik(): ProxyChoice {
  if (!testTraefik) throw new Error(missingTraefik);
  return { driver: 'traefik', path: testTraefik.path };
}

function chpCommandLine({ folder }: ProxyNeeds, proxy: ProxyChoice): string[] {
  return [BIN, 'chp', ...proxyFlags(proxy), '--state-dir', join(folder, 'state'), ...PROBE];
}

async function startBeside(needs: ProxyNeeds, proxy: ProxyChoice, args: readonly string[] = []): Promise<HubProxy> {
  const flags = [
    ...PROBE,
    '--error-target',
    needs.errorTarget,
    ...(needs.hostRouting ? ['--host-routing'] : []),
    ...args,
  ];
  if (needs.internalCerts !== undefined) {
    flags.push('--client-ssl-ca', join(needs.internalCerts, 'proxy-client-ca_trust.crt'));
    flags.push('--client-ssl-cert', join(needs.internalCerts, 'proxy-client/proxy-client.crt'));
    flags.push('--client-ssl-key', join(needs.internalCerts, 'proxy-client/proxy-client.key'));
  }
  const stateDir = join(needs.folder, 'state');
  const signalbox = await startSignalbox({ proxy, args: flags, stateDir });
  return {
    port: signalbox.port,
    api: { port: signalbox.apiPort, token: signalbox.token },
    settings: {
      'ConfigurableHTTPProxy.should_start': false,
      'ConfigurableHTTPProxy.api_url': signalbox.apiUrl,
      'ConfigurableHTTPProxy.auth_token': signalbox.token,
    },
    signalbox,
  };
}

/** nginx waits for the configuration to include, Signalbox for nginx to serve it. */
async function startSidecar(needs: ProxyNeeds): Promise<HubProxy> {
  const [proxy] = await Promise.all([
    startBeside(needs, anyProxy(), ['--no-managed', '--nginx-pid-file', join(needs.folder, 'nginx.pid')]),
    startNginx(needs.folder, join(needs.folder, 'state/nginx/current/signalbox.conf')),
  ]);
  return proxy;
}

async function startNginx(folder: string, include: string): Promise<void> {
  const config = join(folder, 'nginx.conf');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path "${join(folder, `nginx-${name}`)}";`,
  );
  const http = ['access_log off;', ...temporary, `include "${include}";`].join('\n  ');
  const pidFile = join(folder, 'nginx.pid');
  writeFileSync(
    config,
    `${workerUser()}daemon off;\npid "${pidFile}";\nerror_log stderr warn;\nevents {}\nhttp {\n  ${http}\n}\n`,
  );
  await until(() => existsSync(include), { what: 'the configuration to include' });
  const nginx = startProcess(anyNginx?.path ?? '', ['-p', folder, '-c', config], { cwd: folder });
  onCleanup(async () => {
    if (nginx.exit()) return;
    await nginx.stop('SIGTERM', 5_000);
  });
  await until(() => nginx.exit() || pidIn(join(folder, 'nginx.pid')), { what: 'nginx to start' });
  if (nginx.exit()) throw new Error(`nginx ended at its start:\n${nginx.output()}`);
}

/** As root workers run as somebody else; the group of nobody has another name on each system. */
function workerUser(): string {
  if (process.getuid?.() !== 0) return '';
  const group = execFileSync('id', ['-gn', 'nobody'], { encoding: 'utf8' }).trim();
  return `user nobody ${group};\n`;
}

async function launchedByHub(needs: ProxyNeeds, command: readonly string[]): Promise<HubProxy> {
  const api = { port: await freePort(), token: 'the-token-of-the-tests' };
  // What a proxy leaves behind that was killed: only ever by the pid in its own file.
  onCleanup(async () => {
    for (const driver of ['nginx', 'traefik']) {
      const pid = pidIn(join(needs.folder, `state/${driver}/${driver}.pid`));
      if (pid === undefined || !isAlive(pid)) continue;
      process.kill(pid, 'SIGTERM');
      await until(() => !isAlive(pid), { what: `${driver} to end`, timeout: 5_000 });
    }
  });
  return {
    port: await freePort(),
    api,
    settings: {
      'ConfigurableHTTPProxy.command': [process.execPath, ...command],
      'ConfigurableHTTPProxy.api_url': `${needs.internalCerts === undefined ? 'http' : 'https'}://127.0.0.1:${api.port}`,
      'ConfigurableHTTPProxy.auth_token': api.token,
    },
  };
}

export function pidIn(file: string): number | undefined {
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) || undefined : undefined;
}

let chpCommand: { readonly missing: string | undefined } | undefined;

function missingChpCommand(): string | undefined {
  chpCommand ??= { missing: tryChpCommand() };
  return chpCommand.missing;
}

function tryChpCommand(): string | undefined {
  try {
    execFileSync(process.execPath, [BIN, 'chp', '--help'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no \`signalbox chp\`: ${String((error as { stderr?: Buffer }).stderr ?? error).split('\n')[0]}`;
  }
}

function chpProgram(): string {
  const manifest = createRequire(import.meta.url).resolve('configurable-http-proxy/package.json');
  return join(dirname(manifest), 'bin/configurable-http-proxy');
}
