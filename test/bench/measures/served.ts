import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../contenders/ask.ts';

const PATIENCE_MS = 60_000;

/** Asks for a path of the public side until it is served. */
export async function untilServed(url: string): Promise<void> {
  const since = performance.now();
  for (;;) {
    const { status } = await ask('GET', url);
    if (status === 200) return;
    const waited = performance.now() - since;
    if (waited > PATIENCE_MS) throw new Error(`${url} is not served after ${PATIENCE_MS / 1000} s: ${status}`);
    // Often enough for 5 %, and seldom enough not to hold up what is waited for.
    await delay(Math.max(1, waited / 20));
  }
}
