import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { onCleanup } from './cleanup.ts';

/** A cable between a client and a server on this machine, which a test can cut. */
export interface Forwarder {
  readonly port: number;
  /** No byte comes through any more, either way, and nothing is closed; new connections are accepted and never answered. */
  cut(): void;
  /** What was sent meanwhile arrives now. */
  restore(): void;
  /** Each byte takes so long, each way. */
  delay(ms: number): void;
  /** Closes all connections; new ones work. */
  drop(): void;
  /** New connections go to another server, as when an address moves. */
  lead(port: number): void;
  stop(): Promise<void>;
}

/** Timers know whole milliseconds: of the last one the turns of the event loop are counted. */
async function untilTime(due: number): Promise<void> {
  const whole = Math.floor(due - performance.now());
  if (whole > 0) await sleep(whole);
  while (performance.now() < due) await nextTurn();
}

export async function startForwarder(targetPort: number): Promise<Forwarder> {
  const sockets = new Set<Socket>();
  let whole = Promise.withResolvers<void>();
  whole.resolve();
  let delayMs = 0;

  /** Hands on what comes, in order, each piece after its time. */
  function pass(from: Socket, to: Socket) {
    let queue = Promise.resolve();
    const later = (deliver: () => void) => {
      const due = performance.now() + delayMs;
      queue = queue.then(async () => {
        await untilTime(due);
        await whole.promise;
        deliver();
      });
    };
    from.on('data', (bytes) => later(() => to.write(bytes)));
    from.on('end', () => later(() => to.end()));
    from.on('close', () => {
      sockets.delete(from);
      later(() => to.destroy());
    });
    // A connection that broke is closed, too.
    from.on('error', () => {});
    from.setNoDelay(true);
    sockets.add(from);
  }

  let port = targetPort;
  const server = createServer({ allowHalfOpen: true }, async (client) => {
    const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    pass(client, target);
    pass(target, client);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');

  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = async () => {
    whole.resolve();
    drop();
    server.close();
    await once(server, 'close');
  };
  const forwarder: Forwarder = {
    port: (server.address() as AddressInfo).port,
    cut() {
      // What waits already waits for the next restore, too.
      const before = whole;
      whole = Promise.withResolvers();
      whole.promise.then(before.resolve);
    },
    restore: () => whole.resolve(),
    delay(ms) {
      delayMs = ms;
    },
    drop,
    lead(to) {
      port = to;
    },
    stop: onCleanup(stop),
  };
  return forwarder;
}
