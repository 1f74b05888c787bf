import { chmodSync, chownSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureFolder, type Owner, withPath } from '../../system/files.ts';

/** In a sidecar this folder is within the one that Traefik watches. Traefik reads it too, maybe as another user. */
export const STAGING_MODE = 0o755;

/**
 * Writes a file into a folder that Traefik watches. Traefik reads all of it anew at each event there, so the file is written in
 * `staging`, on the same file system, and comes by one rename(2): one event, and never half a file.
 */
export function moveInto(path: string, text: string, staging: string, mode: number, owner: Owner | undefined): void {
  // It has no extension, so Traefik does not read it.
  const staged = join(staging, 'new');
  rmSync(staged, { force: true });
  // Somebody may have removed it.
  ensureFolder(staging, STAGING_MODE);
  try {
    writeFileSync(staged, text, { mode: 0o600 });
    // Whatever the umask says: a sidecar's Traefik may be another user.
    chmodSync(staged, mode);
    if (owner) chownSync(staged, owner.uid, owner.gid);
    renameSync(staged, path);
  } catch (error) {
    rmSync(staged, { force: true });
    throw withPath(error, path);
  }
}
