import { createHash } from 'node:crypto';
import { accessSync, chmodSync, constants, lstatSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { NGINX_SPECIAL, SOCKET_PATH_MAX } from '../../config/parse.ts';
import type { Config } from '../../config/schema.ts';
import { acquireLock } from '../../store/lock.ts';
import { formatAddress } from '../../system/address.ts';

type PublicSide = Pick<Config, 'public' | 'publicSocket'>;

/**
 * The same for the same public side: the proxy that is started after a kill finds what the killed one left, also when the
 * Hub has given it another port for the API since. Two that are alive can't have the same one anyway.
 */
export function publicSideHash({ public: address, publicSocket }: PublicSide): string {
  return createHash('sha256')
    .update(publicSocket ?? formatAddress(address))
    .digest('hex')
    .slice(0, 12);
}

/**
 * The private folder in the system's temporary one, by its name; not made yet. Where that one won't do, whose name was not
 * chosen for us, it is in another that every system has.
 */
export function temporaryFolder(publicSide: PublicSide, uid = process.getuid?.() ?? 0): string {
  const name = `signalbox-chp-${uid}-${publicSideHash(publicSide)}`;
  const own = uid === 0 ? '/run' : (process.env.XDG_RUNTIME_DIR ?? '/tmp');
  const places = [resolve(tmpdir()), own, '/tmp', '/var/tmp', '/dev/shm'];
  return join(places.find((place) => isUsable(place, name, uid)) ?? tmpdir(), name);
}

function isUsable(place: string, name: string, uid: number): boolean {
  // makeTemporaryFolder may append seven characters to it.
  const socket = join(place, `${name}-XXXXXX`, 'nginx/control/nginx.sock');
  if (NGINX_SPECIAL.test(place) || Buffer.byteLength(socket) > SOCKET_PATH_MAX) return false;
  try {
    accessSync(place, constants.W_OK | constants.X_OK);
    // Processes of root's proxy are other users, and must pass through.
    return uid !== 0 || ancestors(place).every((folder) => (statSync(folder).mode & 0o001) !== 0);
  } catch {
    return false;
  }
}

/** A folder and all above it. */
function ancestors(folder: string): string[] {
  const above = dirname(folder);
  return above === folder ? [folder] : [folder, ...ancestors(above)];
}

/**
 * Makes it, or takes the one that is there. Everyone may write to the parent: one that is not ours, or that others may
 * write to, is a trap or a mistake, and a folder of another name is made.
 */
export function makeTemporaryFolder(path: string): { readonly path: string; readonly warning: string | undefined } {
  // nginx's workers are other users when we are root: they pass through, they don't list
  const mode = process.getuid?.() === 0 ? 0o711 : 0o700;
  try {
    mkdirSync(path, { mode });
    chmodSync(path, mode);
    return { path, warning: undefined };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (isPrivate(path)) return { path, warning: undefined };
  const other = mkdtempSync(`${path}-`);
  chmodSync(other, mode);
  return { path: other, warning: `${path} belongs to somebody else and is not used` };
}

function isPrivate(path: string): boolean {
  const stats = lstatSync(path);
  return stats.isDirectory() && stats.uid === (process.getuid?.() ?? stats.uid) && (stats.mode & 0o022) === 0;
}

/** Removes the folder, unless another Signalbox is using it by now (or still is, and that is why we end). */
export function removeTemporaryFolder(path: string): void {
  let lock: ReturnType<typeof acquireLock>;
  try {
    lock = acquireLock(path);
  } catch {
    return;
  }
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  lock.release();
}
