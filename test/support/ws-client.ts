import { WebSocket } from 'ws';
import { onCleanup } from './cleanup.ts';
import { until } from './wait.ts';

export interface EchoOptions {
  /** Milliseconds between two frames; 50 unless given. */
  readonly interval?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** For wss: with a certificate that nobody vouches for. */
  readonly insecure?: boolean;
}

export interface EchoReport {
  readonly sent: number;
  readonly received: number;
  /** Frames whose echo never came. */
  readonly lost: number;
  /** Echoes that were not the next one expected. */
  readonly outOfOrder: number;
  /** Times it was connected again after a close it did not ask for. */
  readonly reconnects: number;
  /** Those closes. */
  readonly closes: readonly { readonly code: number; readonly reason: string }[];
}

export interface EchoClient {
  /** What it looks like now; frames under way count as lost. */
  report(): EchoReport;
  /** Stops sending, waits for the echoes that are under way, closes. */
  stop(): Promise<EchoReport>;
}

/**
 * A websocket to an echo server through whatever is between, which sends numbered frames and checks that each comes back
 * in its order. Resolves when it is open. A healthy one ends with `lost`, `outOfOrder` and `reconnects` all 0.
 */
export async function openEcho(url: string, options: EchoOptions = {}): Promise<EchoClient> {
  const counts = { sent: 0, received: 0, outOfOrder: 0, reconnects: 0 };
  const closes: { code: number; reason: string }[] = [];
  let expected = 1;
  let stopping = false;
  let socket = await open(url, options);
  attach(socket);

  function attach(current: WebSocket): void {
    current.on('message', (data) => {
      counts.received += 1;
      const number = Number(data.toString());
      if (number !== expected) counts.outOfOrder += 1;
      expected = number + 1;
    });
    current.on('close', async (code, reason) => {
      if (stopping) return;
      closes.push({ code, reason: reason.toString() });
      counts.reconnects += 1;
      // What was under way is lost; the next echo to come is that of the next frame.
      expected = counts.sent + 1;
      try {
        socket = await open(url, options);
        attach(socket);
      } catch {
        setTimeout(() => current.emit('close', 1006, Buffer.from('could not reconnect')), 100);
      }
    });
  }

  const timer = setInterval(() => {
    if (socket.readyState !== WebSocket.OPEN) return;
    counts.sent += 1;
    socket.send(String(counts.sent));
  }, options.interval ?? 50);
  const report = (): EchoReport => ({ ...counts, lost: counts.sent - counts.received, closes: [...closes] });

  const close = onCleanup(() => {
    stopping = true;
    clearInterval(timer);
    socket.terminate();
  });
  return {
    report,
    async stop() {
      clearInterval(timer);
      await until(() => report().lost === 0, { timeout: 5_000, what: 'the last echoes' }).catch(() => undefined);
      stopping = true;
      socket.close();
      const final = report();
      await close();
      return final;
    },
  };
}

/** An open websocket, or the reason why there is none. Cut at the end of the test file. */
export function open(url: string, options: EchoOptions = {}): Promise<WebSocket> {
  const socket = new WebSocket(url, {
    headers: { ...options.headers },
    rejectUnauthorized: !options.insecure,
    handshakeTimeout: 10_000,
  });
  onCleanup(() => socket.terminate());
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', reject);
  });
}
