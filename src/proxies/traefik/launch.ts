import type { SpawnOptions } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { SignalboxError } from '../../errors.ts';
import { proxyEnvironment } from '../environment.ts';
import { findProgram } from '../find-program.ts';
import { findUser, type Purpose, type SystemUser } from '../system-user.ts';

/** How a managed Traefik is started. */
export interface Launch {
  /** Whom it runs as; undefined: as ourselves. */
  readonly user: SystemUser | undefined;
  readonly options: Pick<SpawnOptions, 'env' | 'uid' | 'gid'>;
  /** What is really run. */
  command(words: readonly string[]): readonly string[];
}

export const TRAEFIK: Purpose = { who: "Traefik's processes", setting: 'traefik-user' };

/**
 * Traefik can't change its user after it has its ports, as nginx does, so it is started as another one. For ports that are for
 * root alone it then needs one capability, which setpriv(1) of util-linux hands on; nothing else of root is left.
 */
export function planLaunch(userName: string, ports: readonly number[]): Launch {
  // Requests pay for the size of the table mostly by garbage collection: half as often for a third more memory.
  const env = { GOGC: '200', ...proxyEnvironment() };
  if (process.getuid?.() !== 0 || userName === 'root')
    return { user: undefined, options: { env }, command: (words) => words };
  const user = findUser(userName, TRAEFIK);
  const low = ports.find((port) => port < firstOpenPort());
  if (low === undefined) {
    return { user, options: { env, uid: user.uid, gid: user.gid }, command: (words) => words };
  }
  const setpriv = findProgram('setpriv');
  if (setpriv === undefined) {
    throw new SignalboxError('PROXY_MISSING', `Traefik shall run as ${userName}, who may not listen on port ${low}`, {
      hint: 'Install setpriv (util-linux), set --traefik-user root, or allow it: sysctl net.ipv4.ip_unprivileged_port_start=80.',
    });
  }
  const capability = '+net_bind_service';
  const drop = [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups', '--no-new-privs'];
  const keep = [
    `--inh-caps=-all,${capability}`,
    `--ambient-caps=-all,${capability}`,
    `--bounding-set=-all,${capability}`,
  ];
  return { user, options: { env }, command: (words) => [setpriv, ...drop, ...keep, ...words] };
}

function firstOpenPort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return 1024;
  }
}
