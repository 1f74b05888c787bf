import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { onCleanup } from '../../support/cleanup.ts';
import { type Forwarder, startForwarder } from '../../support/forwarder.ts';

/** A cable to the database. */
export interface Cable {
  readonly port: number;
  cut(): void;
  restore(): void;
  /** Each byte takes so long, each way, ms. */
  delay(ms: number): void;
}

interface Order {
  readonly cable: number;
  readonly what: 'cut' | 'restore' | 'delay';
  readonly ms: number;
}

/** So many, in a thread of their own: what makes the load must not make them slower. */
export async function layCables(count: number, targetPort: number): Promise<Cable[]> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { count, targetPort } });
  onCleanup(() => worker.terminate());
  const ports = await new Promise<number[]>((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  return ports.map((port, cable) => {
    const order = (what: Order['what'], ms = 0) => worker.postMessage({ cable, what, ms } satisfies Order);
    return { port, cut: () => order('cut'), restore: () => order('restore'), delay: (ms) => order('delay', ms) };
  });
}

if (!isMainThread) {
  const { count, targetPort } = workerData as { count: number; targetPort: number };
  const cables: Forwarder[] = [];
  for (let n = 0; n < count; n++) cables.push(await startForwarder(targetPort));
  parentPort?.on('message', ({ cable, what, ms }: Order) => cables[cable]?.[what](ms));
  parentPort?.postMessage(cables.map(({ port }) => port));
}
