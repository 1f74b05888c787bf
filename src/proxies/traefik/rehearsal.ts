import type { ChildProcess } from 'node:child_process';
import { chownSync, closeSync, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { SignalboxError } from '../../errors.ts';
import { isAlive, processesEndingWith, send } from '../../process/processes.ts';
import { ensureFolder, readIfThere, replaceFile } from '../../system/files.ts';
import { freePort } from '../../system/free-port.ts';
import type { Launch } from './launch.ts';
import { parseLogLine } from './log-line.ts';
import { MarkerClient } from './marker-client.ts';
import type { TraefikPaths } from './settings.ts';

export interface RehearsalOptions {
  /** Path of the Traefik binary. */
  readonly traefik: string;
  /** Is made for the rehearsal, and removed. */
  readonly dir: string;
  readonly launch: Launch;
  /** The static configuration with the same entry points elsewhere. */
  readonly renderStatic: (ports: { public: number; private: number }, paths: TraefikPaths) => string;
  readonly token: string;
}

const PATIENCE_MS = 15_000;
const ROUTER_MS = 4;

/**
 * Traefik can't test a file: what it can read it serves, less the routers that it can't build. So a file that new templates
 * made is first given to another Traefik, on other ports, for a moment. Throws PROXY_REFUSED_CONFIG when that one does not
 * come to serve it without a complaint.
 */
export async function rehearse(
  options: RehearsalOptions,
  text: string,
  revision: number,
  routes: number,
): Promise<void> {
  const { dir, traefik, launch, renderStatic, token } = options;
  const { user } = launch;
  const paths = { watched: join(dir, 'dynamic'), errorLog: join(dir, 'error.log'), accessLog: join(dir, 'access.log') };
  const staticFile = join(dir, 'static.yml');
  clearRehearsal(dir);
  const ports = { public: await freePort('127.0.0.1'), private: await freePort('127.0.0.1') };
  const marker = new MarkerClient(new URL(`http://127.0.0.1:${ports.private}`), token);
  let child: ChildProcess | undefined;
  const end = () => child?.kill('SIGKILL');
  // A daemon that is told to stop amid one does not wait for it.
  process.once('exit', end);
  try {
    for (const folder of [dir, paths.watched]) ensureFolder(folder, 0o700);
    replaceFile(staticFile, renderStatic(ports, paths), 0o600, user);
    replaceFile(join(paths.watched, 'routes.yml'), text, 0o600, user);
    const output = openSync(paths.errorLog, 'a', 0o600);
    if (user) {
      for (const path of [dir, paths.watched, paths.errorLog]) chownSync(path, user.uid, user.gid);
    }
    child = launch.start(traefik, [`--configFile=${staticFile}`], { cwd: dir, output });
    child.once('error', () => {});
    closeSync(output);
    const refusals = () => complaints(paths.errorLog);
    const deadline = Date.now() + PATIENCE_MS + routes * ROUTER_MS;
    for (;;) {
      const served = await marker.served().catch(() => undefined);
      const said = refusals();
      if (said.length > 0) throw refused(said.join('; '));
      if (served === revision) return;
      if (child.pid === undefined || !isAlive(child.pid)) throw refused('it ends at once with it');
      if (Date.now() > deadline) throw refused('it does not come to serve what Signalbox asks for in it');
      await delay(10);
    }
  } finally {
    end();
    process.off('exit', end);
    marker.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** What a daemon that was killed amid a rehearsal has left. */
export function clearRehearsal(dir: string): void {
  for (const left of processesEndingWith(` --configFile=${join(dir, 'static.yml')}`)) send(left, 'SIGKILL');
  rmSync(dir, { recursive: true, force: true });
}

function complaints(log: string): string[] {
  const lines = (readIfThere(log) ?? '').split('\n').filter((line) => line !== '');
  return lines
    .map(parseLogLine)
    .filter(({ isRefusal }) => isRefusal)
    .map(({ message }) => message);
}

function refused(why: string): SignalboxError {
  return new SignalboxError('PROXY_REFUSED_CONFIG', `Traefik refuses the configuration: ${why}`, {
    hint: 'The last good configuration stays in place.',
  });
}
