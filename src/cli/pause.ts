import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; true when the user has seen enough in the meantime. */
export async function pause(ms: number, stop: AbortSignal): Promise<boolean> {
  try {
    await sleep(ms, undefined, { signal: stop });
  } catch {
    // aborted
  }
  return stop.aborted;
}
