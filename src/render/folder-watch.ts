import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { watch } from 'chokidar';
import { describeError } from '../errors.ts';
import { guarded } from '../guarded.ts';
import type { Log } from '../proxies/driver.ts';

export interface FolderWatchOptions {
  readonly log: Log;
  /** Nothing may have happened for so long, in ms. */
  readonly quiet?: number;
  /** Told after so long all the same, when something happens all the time. */
  readonly atMost?: number;
}

/** Deeper than any of our folders. */
const DEPTH = 4;

/**
 * Tells once that something in a folder has changed, however many steps an editor takes to save; and once when the watch
 * begins. What has changed is for whoever is told to find out. The folder may come and go.
 */
export function watchFolder(folder: string, onSettled: () => void, options: FolderWatchOptions): { close(): void } {
  const { log, quiet = 200, atMost = 2_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let since: number | undefined;
  const tell = guarded(log, `a look at ${folder}`, onSettled);

  function settle(): void {
    since ??= Date.now();
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        since = undefined;
        tell();
      },
      Math.min(quiet, Math.max(0, since + atMost - Date.now())),
    );
    timer.unref();
  }

  // One that isn't there yet is seen from the folder it is to be in.
  const above = dirname(folder);
  const missing = !existsSync(folder);
  const watcher = watch(missing ? above : folder, {
    ignoreInitial: true,
    depth: missing ? DEPTH + 1 : DEPTH,
    ignored: (path) => missing && dirname(path) === above && basename(path) !== basename(folder),
  });
  watcher.on('all', settle);
  watcher.on('error', (error) => log.warn({ reason: describeError(error) }, `${folder} cannot be watched`));
  // What happened before this was seen by nobody.
  watcher.on('ready', settle);
  return {
    close() {
      clearTimeout(timer);
      void watcher.close();
    },
  };
}
