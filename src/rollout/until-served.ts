import { setTimeout as delay } from 'node:timers/promises';
import { describeError } from '../errors.ts';

/** A reload that was begun. */
export interface Reload {
  /** Resolves when the proxy has been told, which may be long after it has reloaded; rejects when it can't be told. */
  readonly told: Promise<void>;
  /** `since`: when the proxy first showed the new configuration, ms since 1970. Does nothing older answer users any more? */
  isOver(since: number): boolean;
}

export interface UntilServed {
  readonly digest: string;
  /** The digest of what the proxy serves; undefined when it answers and has nothing of ours. */
  readonly served: () => Promise<string | undefined>;
  readonly reload: Reload | undefined;
  /** Throws when there is nothing more to wait for. */
  readonly check: () => void;
  readonly patienceMs: number;
}

/** Between two looks, ms: at first, and at most. */
const POLL_MS = { first: 4, most: 20 };

/** Resolves to undefined when the proxy serves it and nothing older does; else to what it shows when the time is up. */
export async function untilServed({
  digest,
  served,
  reload,
  check,
  patienceMs,
}: UntilServed): Promise<string | undefined> {
  const telling = reload && watchTelling(reload);
  let deadline = Date.now() + patienceMs;
  let pause = POLL_MS.first;
  let since: number | undefined;
  for (;;) {
    const shown = await served().catch((error: unknown) => describeError(error));
    since = shown === digest ? (since ?? Date.now()) : undefined;
    if (since !== undefined && (!reload || reload.isOver(since))) return undefined;
    check();
    if (telling?.failure !== undefined) throw telling.failure;
    // The reload command may take longer than the proxy.
    if (telling?.isDone === false) deadline = Date.now() + patienceMs;
    if (Date.now() > deadline) return shown ?? 'nothing of ours';
    await delay(pause);
    pause = Math.min(pause * 1.5, POLL_MS.most);
  }
}

function watchTelling({ told }: Reload): { isDone: boolean; failure: unknown } {
  const telling: { isDone: boolean; failure: unknown } = { isDone: false, failure: undefined };
  told.then(
    () => {
      telling.isDone = true;
    },
    (error: unknown) => {
      telling.failure = error;
    },
  );
  return telling;
}
