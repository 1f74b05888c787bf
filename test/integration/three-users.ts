import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { BIN } from '../support/bin.ts';
import { onCleanup } from '../support/cleanup.ts';
import { anyNginx, missingNginx } from '../support/nginx.ts';
import { type Child, runProcess, startProcess } from '../support/process.ts';
import { anyProxy } from '../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../support/signalbox.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { isReady } from './scene.ts';

/** Users that every system has: neither is root, and they are not the same. */
export const signalboxUser = 'daemon';
export const workerUser = 'nobody';

/** Why there can't be three users on this machine; undefined when there can. */
export function missingUsers(): string | undefined {
  if (!anyNginx) return `no nginx: ${missingNginx}`;
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root on Linux can be three users';
  try {
    execFileSync('setpriv', [...asUser(), process.execPath, BIN, '--version'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `another user cannot run Signalbox here: ${String((error as { stderr?: Buffer }).stderr ?? error).trim()}`;
  }
}

export interface ThreeUsers {
  readonly box: Signalbox;
  /** Its master. */
  readonly nginx: Child;
  /** With nginx.pid in it. */
  readonly folder: string;
}

/** As docs/systemd.md has it with a distribution's nginx: the master is root, its workers are nobody, Signalbox is a third. */
export async function startThreeUsers(args: (folder: string) => readonly string[]): Promise<ThreeUsers> {
  const folder = makeTempDir();
  const stateDir = join(folder, 'state');
  mkdirSync(stateDir);
  chmodSync(stateDir, 0o711);
  chownSync(stateDir, idOf('-u', signalboxUser), idOf('-g', signalboxUser));
  const box = await startSignalbox({
    proxy: anyProxy(),
    stateDir,
    whenReady: false,
    command: ['setpriv', ...asUser(), process.execPath, BIN, 'serve'],
    args: ['--no-managed', '--no-pin', '--apply-timeout', '3s', ...args(folder)],
  });
  await until(() => existsSync(join(stateDir, 'nginx/current/signalbox.conf')), { what: 'the configuration' });
  const nginx = startNginx(folder, stateDir);
  onCleanup(async () => void (nginx.exit() ?? (await nginx.stop('SIGTERM', 5_000))));
  await until(() => nginx.exit() !== undefined || isReady(box), { what: 'Signalbox to find nginx' });
  expect(nginx.exit(), nginx.output()).toBeUndefined();
  return { box, nginx, folder };
}

/** A command of Signalbox as its own user; the exit code and what it printed. */
export async function runAsUser(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { code, output } = await runProcess('setpriv', [...asUser(), process.execPath, BIN, ...args]);
  return { code, output };
}

function startNginx(folder: string, stateDir: string): Child {
  const group = execFileSync('id', ['-gn', workerUser], { encoding: 'utf8' }).trim();
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((t) => `${t}_temp_path ${folder}/${t};`);
  const config = join(folder, 'nginx.conf');
  writeFileSync(
    config,
    `user ${workerUser} ${group}; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}
     http { access_log off; ${temporary.join(' ')} include ${stateDir}/nginx/current/signalbox*.conf; }`,
  );
  return startProcess(anyProxy().path, ['-p', folder, '-e', join(folder, 'error.log'), '-c', config]);
}

function asUser(): string[] {
  return ['--reuid', signalboxUser, '--regid', String(idOf('-g', signalboxUser)), '--clear-groups'];
}

export function idOf(kind: '-u' | '-g', user: string): number {
  return Number(execFileSync('id', [kind, user], { encoding: 'utf8' }));
}
