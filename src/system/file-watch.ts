import { statSync } from 'node:fs';

export interface WatchOptions {
  /** Milliseconds between two looks. */
  readonly interval?: number;
  /** What was read of the files may be older than they are: the first look calls `onChange`. */
  readonly unseen?: boolean;
  /** Told once for each state of the files that could not be taken. */
  readonly onError?: (error: unknown) => void;
}

export interface FileWatch {
  /** Looks at once; for SIGHUP. */
  check(): void;
  close(): void;
}

/**
 * Calls `onChange` when one of the files has changed. By looking, not by inotify: certificates are renewed by rename, by
 * writing over them, through two links (Kubernetes) and on network file systems, and seconds don't matter. When
 * `onChange` throws, for instance because only the key is renewed yet and not its certificate, it is called again at the
 * next look.
 */
export function watchFiles(paths: readonly string[], onChange: () => void, options: WatchOptions = {}): FileWatch {
  let taken = options.unseen ? undefined : stateOf(paths);
  let reported: string | undefined;

  function check(): void {
    const state = stateOf(paths);
    if (state === taken) return;
    try {
      onChange();
      taken = state;
      reported = undefined;
    } catch (error) {
      if (reported !== state) options.onError?.(error);
      reported = state;
    }
  }

  const timer = paths.length === 0 ? undefined : setInterval(check, options.interval ?? 5_000).unref();
  return { check, close: () => clearInterval(timer) };
}

/** Another text whenever one of them is another file, was written, or can't be looked at for another reason. */
export function stateOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        const stats = statSync(path, { bigint: true });
        return `${stats.dev}:${stats.ino}:${stats.size}:${stats.mtimeNs}`;
      } catch (error) {
        return (error as NodeJS.ErrnoException).code;
      }
    })
    .join();
}
