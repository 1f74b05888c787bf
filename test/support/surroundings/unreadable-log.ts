import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';

/**
 * What may stand under the name of a log that was just moved away, so that the new one can't be opened for a while. The rights of a
 * file stop everybody but root.
 */
export const unreadableLogs: Readonly<Record<string, (path: string) => void>> = {
  'a folder': (path) => mkdirSync(path),
  'a FIFO': (path) => execFileSync('mkfifo', [path]),
  'a link to itself': (path) => symlinkSync(path, path),
  ...(process.getuid?.() === 0
    ? {}
    : {
        'a file that may not be read': (path) => {
          writeFileSync(path, '');
          chmodSync(path, 0);
        },
      }),
};

/** Takes any of them away. */
export function removeUnreadable(path: string): void {
  rmSync(path, { recursive: true, force: true });
}
