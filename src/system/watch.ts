import { type BigIntStats, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/*
 * By looking, not by inotify: files are renewed by rename, by writing over them, through two links (Kubernetes) and on network
 * file systems, and folders come and go under names that inotify does not follow. Seconds don't matter.
 */

export interface WatchOptions {
  /** Milliseconds between two looks. */
  readonly interval?: number;
  /** Called once for each state for which `onChange` threw. It is tried again at the next look. */
  readonly onError?: (error: unknown) => void;
}

export interface FileWatchOptions extends WatchOptions {
  /** What was read of the files may be older than they are: the first look calls `onChange`. */
  readonly unseen?: boolean;
}

export interface FolderWatchOptions extends WatchOptions {
  /** For a folder that changes all the time `onChange` is called after this many milliseconds anyway. */
  readonly atMost?: number;
}

export interface FileWatch {
  /** Looks at once; for SIGHUP. */
  check(): void;
  close(): void;
}

/** Calls `onChange` when one of the files has changed. */
export function watchFiles(paths: readonly string[], onChange: () => void, options: FileWatchOptions = {}): FileWatch {
  const { interval = 5_000, unseen = false, onError } = options;
  const changes = new Changes(unseen ? undefined : stateOf(paths), onChange, onError);
  const check = () => changes.take(stateOf(paths));
  const timer = paths.length === 0 ? undefined : setInterval(check, interval).unref();
  return { check, close: () => clearInterval(timer) };
}

/**
 * Calls `onChange` once when something in a folder has changed and two looks find the same, however many steps an editor takes to
 * save; and once when the watch begins.
 */
export function watchFolder(folder: string, onChange: () => void, options: FolderWatchOptions = {}): () => void {
  const { interval = 400, atMost = 2_000, onError } = options;
  const changes = new Changes(undefined, onChange, onError);
  let timer: NodeJS.Timeout | undefined;
  let closed = false;
  let before: string | undefined;
  let since: number | undefined;

  async function look(): Promise<void> {
    const state = await stateBelow(folder, DEPTH);
    if (closed) return;
    since = changes.isTaken(state) ? undefined : (since ?? Date.now());
    if (since !== undefined && (state === before || Date.now() - since >= atMost)) {
      changes.take(state);
      since = undefined;
    }
    before = state;
    timer = setTimeout(look, interval).unref();
  }

  void look();
  return () => {
    closed = true;
    clearTimeout(timer);
  };
}

/** Calls `onChange` with a new state, and again as long as that throws. */
class Changes {
  #taken: string | undefined;
  #failed: string | undefined;
  readonly #onChange: () => void;
  readonly #onError: WatchOptions['onError'];

  constructor(taken: string | undefined, onChange: () => void, onError: WatchOptions['onError']) {
    this.#taken = taken;
    this.#onChange = onChange;
    this.#onError = onError;
  }

  isTaken(state: string): boolean {
    return state === this.#taken;
  }

  take(state: string): void {
    if (this.isTaken(state)) return;
    try {
      this.#onChange();
      this.#taken = state;
      this.#failed = undefined;
    } catch (error) {
      if (this.#failed !== state) this.#onError?.(error);
      this.#failed = state;
    }
  }
}

/** Changes whenever one of the files was replaced or written, or can't be read for another reason. */
export function stateOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        return stateIn(statSync(path, { bigint: true }));
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    })
    .join();
}

/** Without ctime, which a rename changes too: Traefik's file is moved away and back. */
function stateIn({ dev, ino, size, mtimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}`;
}

/** Deeper than any of our folders. */
const DEPTH = 4;

/** The same for all in a folder; hidden files, such as all of .git, are no templates. */
async function stateBelow(path: string, depth: number): Promise<string> {
  try {
    const stats = await stat(path, { bigint: true });
    if (!stats.isDirectory()) return `${path} ${stateIn(stats)}:${stats.ctimeNs}`;
    if (depth === 0) return path;
    const names = (await readdir(path)).filter((name) => !name.startsWith('.')).sort();
    const states = await Promise.all(names.map((name) => stateBelow(join(path, name), depth - 1)));
    return [path, ...states].join('\n');
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
