import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { ask } from '../contenders/ask.ts';

/** A client that asks for something small every few milliseconds, in a thread of its own, and notes how long answers take. */
export interface Onlooker {
  /** The longest that an answer took since the last call, ms. */
  longest(): Promise<number>;
  stop(): Promise<void>;
}

interface Task {
  readonly url: string;
  readonly headers: Record<string, string>;
}

const EVERY_MS = 2;

export function startOnlooker(url: string, headers: Record<string, string>): Onlooker {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, headers } satisfies Task });
  return {
    async longest() {
      const answer = once(worker, 'message');
      worker.postMessage('longest');
      const [longest] = await answer;
      return longest as number;
    },
    stop: async () => void (await worker.terminate()),
  };
}

if (!isMainThread) await look(workerData as Task);

async function look({ url, headers }: Task): Promise<never> {
  let longest = 0;
  let isAsked = false;
  parentPort?.on('message', () => {
    isAsked = true;
  });
  for (;;) {
    const since = performance.now();
    await ask('GET', url, headers);
    longest = Math.max(longest, performance.now() - since);
    if (isAsked) {
      parentPort?.postMessage(longest);
      [longest, isAsked] = [0, false];
    }
    await delay(EVERY_MS);
  }
}
