import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { chownSync, closeSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { SignalboxError } from '../../errors.ts';
import { proxyEnvironment } from '../../process/environment.ts';
import { findProgram } from '../../system/find-program.ts';
import { closedFolder, findUser, type Purpose, type SystemUser } from '../../system/users.ts';

/** How a managed Traefik is started. */
export interface Launch {
  /** Whom it runs as; undefined: as ourselves. */
  readonly user: SystemUser | undefined;
  /** In a session of its own, so that it outlives us. */
  start(place: LaunchPlace): ChildProcess;
}

/** What a Traefik is started with. */
export interface LaunchPlace {
  /** Path of the Traefik binary. */
  readonly traefik: string;
  /** Working folder. */
  readonly dir: string;
  readonly staticFile: string;
  /** Both outputs go to this file. */
  readonly errorLog: string;
}

/** The fourth descriptor of the process itself: see proc(5). */
const OPENED = '/proc/self/fd/3';

export const TRAEFIK: Purpose = { who: "Traefik's processes", setting: 'traefik-user' };

/**
 * Unlike nginx, Traefik can't change its user after it has opened its ports, so it is started as another user. For privileged
 * ports it then needs one capability, which setpriv(1) of util-linux passes on; it keeps no other right of root.
 */
export function planLaunch(userName: string, ports: readonly number[]): Launch {
  // Go's own 100 costs each request 5 % more, and a change at 10,000 routes 15 %; with 200 Traefik takes up to a quarter more memory then.
  const env = { GOGC: '150', ...proxyEnvironment() };
  if (process.getuid?.() !== 0 || userName === 'root') return launchAs(undefined, { env }, []);
  const user = findUser(userName, TRAEFIK);
  const low = ports.find((port) => port < firstOpenPort());
  if (low === undefined) {
    return launchAs(user, { env, uid: user.uid, gid: user.gid }, []);
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
  return launchAs(user, { env }, [setpriv, ...drop, ...keep]);
}

function launchAs(user: SystemUser | undefined, own: SpawnOptions, through: readonly string[]): Launch {
  return {
    user,
    start({ traefik, dir, staticFile, errorLog }) {
      // Its user may not enter the program's folder, for example root's home: then it is given the opened file.
      const isShut = user && [resolve(traefik), realpathSync(traefik)].some((path) => closedFolder(path, user));
      const opened: number[] = [];
      const open = (path: string, flags: string) => {
        const descriptor = openSync(path, flags, 0o600);
        opened.push(descriptor);
        return descriptor;
      };
      try {
        const output = open(errorLog, 'a');
        if (user) chownSync(errorLog, user.uid, user.gid);
        const program = isShut ? [open(traefik, 'r')] : [];
        const [command, ...words] = [...through, isShut ? OPENED : traefik, `--configFile=${staticFile}`];
        const stdio = ['ignore', output, output, ...program] as const;
        const child = spawn(command as string, words, { ...own, cwd: dir, detached: true, stdio: [...stdio] });
        child.unref();
        return child;
      } finally {
        for (const descriptor of opened) closeSync(descriptor);
      }
    },
  };
}

function firstOpenPort(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'));
  } catch {
    return 1024;
  }
}
