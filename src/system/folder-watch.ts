import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describeError } from '../errors.ts';
import type { Log } from './log.ts';

export interface FolderWatchOptions {
  readonly log: Log;
  /** Milliseconds between two looks. What two of them find alike is settled. */
  readonly interval?: number;
  /** Told after so long all the same, when something happens all the time. */
  readonly atMost?: number;
}

/** Deeper than any of our folders. */
const DEPTH = 4;

/**
 * Tells once that something in a folder has changed, however many steps an editor takes to save; and once when the watch
 * begins. What has changed is for whoever is told to find out. By looking, not by inotify, which follows what once had the name: so
 * links and folders above may be switched, and the folder may come and go.
 */
export function watchFolder(folder: string, onSettled: () => void, options: FolderWatchOptions): { close(): void } {
  const { log, interval = 400, atMost = 2_000 } = options;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let told: string | undefined;
  let before: string | undefined;
  let since: number | undefined;

  function compare(state: string): void {
    if (state === told) {
      since = undefined;
      return;
    }
    since ??= Date.now();
    if (state !== before && Date.now() - since < atMost) return;
    onSettled();
    told = state;
    since = undefined;
  }

  async function look(): Promise<void> {
    const state = await stateBelow(folder, DEPTH);
    if (closed) return;
    try {
      compare(state);
    } catch (error) {
      log.error({ reason: describeError(error) }, `a change in ${folder} could not be taken up; it is tried again`);
    }
    before = state;
    timer = setTimeout(look, interval).unref();
  }

  void look();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
    },
  };
}

/** Another text whenever a file was written, or is another one; hidden ones, such as all of .git, are no templates. */
async function stateBelow(path: string, depth: number): Promise<string> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isDirectory())
      return `${path} ${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}`;
    if (depth === 0) return path;
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    const states = await Promise.all(names.map((name) => stateBelow(join(path, name), depth - 1)));
    return [path, ...states].join('\n');
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
