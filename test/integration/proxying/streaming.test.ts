import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { onCleanup } from '../../support/cleanup.ts';
import { connect } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until, within } from '../../support/wait.ts';
import { describeCombinations } from './combinations.ts';
import { pour } from './pour.ts';
import { listen, startRawBackend } from './raw-backend.ts';
import { workerMemory } from './worker-memory.ts';

const MB = 1 << 20;
/** What a worker may grow by while one transfer runs: its buffers, not the body. */
const GROWTH = 4 * MB;

describeCombinations(({ start, driver, newest, differs }) => {
  let box: Signalbox;
  /** What the backend does with the next request. */
  let handle: (request: IncomingMessage, response: ServerResponse) => unknown;
  // On the newest the whole gigabyte; elsewhere enough to see growth.
  const transfer = newest ? 1024 * MB : 128 * MB;

  beforeAll(async () => {
    const server = createServer((request, response) => handle(request, response));
    const url = `http://127.0.0.1:${await listen(server)}`;
    onCleanup(() => {
      server.closeAllConnections();
      server.close();
    });
    box = await start({ '/': url, '/user/ada': url });
  });

  /** A connection to the public side on which a request head has been sent. */
  function begin(head: string): { socket: Socket; text: () => string } {
    const socket = connect({ port: box.port });
    onCleanup(() => socket.destroy());
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.write(`${head.trim().replaceAll('\n', '\r\n')}\r\nHost: x\r\n\r\n`);
    return { socket, text: () => text };
  }

  test('an event arrives before the next one is sent', async () => {
    let events: ServerResponse | undefined;
    handle = (_, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
      events = response;
    };
    const { text, socket } = begin('GET /user/ada/events HTTP/1.1');
    await until(() => text().includes('text/event-stream'), { what: 'the head before any event' });
    for (let event = 1; event <= 5; event += 1) {
      events?.write(`data: event ${event}\n\n`);
      await until(() => text().includes(`event ${event}\n`), { what: `event ${event}`, timeout: 3_000 });
    }
    socket.destroy();
    await once(events as ServerResponse, 'close');
  });

  test('single bytes of an answer with a length arrive as they are sent', async () => {
    let answer: ServerResponse | undefined;
    handle = (_, response) => {
      response.writeHead(200, { 'Content-Length': 4 }).flushHeaders();
      answer = response;
    };
    const { text } = begin('GET /user/ada HTTP/1.1');
    for (const byte of '1234') {
      await until(() => answer, { what: 'the request' });
      answer?.write(byte);
      await until(() => text().endsWith(byte), { what: `byte ${byte}`, timeout: 3_000 });
    }
    // A proxy may keep the connection, on which this backend would answer nothing more before that.
    answer?.end();
  });

  test.each([
    ['with a length', 'Content-Length: 15', (piece: string) => piece],
    ['in chunks', 'Transfer-Encoding: chunked', (piece: string) => `5\r\n${piece}\r\n`],
  ])('pieces of an upload %s reach the backend before it ends', async (_, header, encode) => {
    let received = '';
    handle = (request, response) => {
      request.on('data', (chunk) => {
        received += chunk;
      });
      request.on('end', () => response.end('thanks'));
    };
    const { socket, text } = begin(`POST /user/ada/upload HTTP/1.1\n${header}`);
    for (const piece of ['one..', 'two..', 'three']) {
      socket.write(encode(piece));
      await until(() => received.endsWith(piece), { what: `${piece} at the backend`, timeout: 3_000 });
    }
    if (header.includes('chunked')) socket.write('0\r\n\r\n');
    await until(() => text().includes('thanks'), { what: 'the answer' });
  });

  differs('full-duplex')('an answer may stream while its request still does', async () => {
    handle = (request, response) => {
      response.writeHead(200);
      request.on('data', (chunk: Buffer) => response.write(`echo ${chunk}`));
      request.on('end', () => response.end('end'));
    };
    const { socket, text } = begin('POST /user/ada/echo HTTP/1.1\nTransfer-Encoding: chunked');
    for (const piece of ['a', 'b', 'c']) {
      socket.write(`1\r\n${piece}\r\n`);
      await until(() => text().includes(`echo ${piece}`), { what: `the echo of ${piece}`, timeout: 3_000 });
    }
    socket.write('0\r\n\r\n');
    await until(() => text().includes('end'), { what: 'the end' });
  });

  test('a client that goes away in mid-answer is seen by the backend', async () => {
    let gone = false;
    let begun = false;
    handle = (_, response) => {
      begun = true;
      response.write('x');
      response.on('close', () => {
        gone = true;
      });
    };
    const { socket } = begin('GET /user/ada HTTP/1.1');
    await until(() => begun, { what: 'the request' });
    socket.destroy();
    await until(() => gone, { what: 'the backend to notice' });
  });

  test('a client that goes away while it waits for an answer is seen by the backend', async () => {
    let gone = false;
    let begun = false;
    handle = (_, response) => {
      begun = true;
      response.on('close', () => {
        gone = true;
      });
    };
    const { socket } = begin('GET /user/ada HTTP/1.1');
    await until(() => begun, { what: 'the request' });
    socket.destroy();
    await until(() => gone, { what: 'the backend to notice' });
  });

  test('a backend that breaks off in mid-answer ends the connection to the client, which thus knows', async () => {
    handle = (request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('part', () => request.socket.destroy());
    };
    const { socket, text } = begin('GET /user/ada HTTP/1.1');
    await within(5_000, 'the end of the connection', once(socket, 'close'));
    // Go keeps the first bytes back until there are more.
    if (driver === 'nginx') expect(text()).toMatch(/part$/);
    expect(text()).not.toMatch(/\n0\r\n/);
  });

  test('a long poll is answered after seconds of silence', async () => {
    handle = async (_, response) => {
      await delay(3_000);
      response.end('at last');
    };
    expect((await box.get('/user/ada/poll')).text()).toBe('at last');
  });

  describe('memory of the workers does not grow', () => {
    /** Runs a transfer and tells how much the workers grew at most; a first, short one warms them up. */
    async function growth(run: (size: number) => Promise<void>): Promise<number> {
      await run(8 * MB);
      const memory = workerMemory(box);
      const before = memory();
      let most = before;
      const watch = setInterval(() => {
        most = Math.max(most, memory());
      }, 20);
      await run(transfer);
      clearInterval(watch);
      return Math.max(most, memory()) - before;
    }

    /** Bytes that lie in nginx's folder for temporary files: there should be none at any time. Traefik has none. */
    function temporaryBytes(): number {
      if (driver === 'traefik') return 0;
      const folder = join(box.stateDir, 'nginx/tmp');
      const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((item) => item.isFile());
      return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
    }

    test('during a large download', { timeout: 40_000 }, async () => {
      const download = await startRawBackend((head, socket) => {
        const size = Number(/size=(\d+)/.exec(head)?.[1]);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        return pour(socket, size);
      });
      await box.add('/download', download.url);
      const grown = await growth(async (size) => {
        const socket = connect({ port: box.port });
        let received = 0;
        socket.on('data', (chunk: Buffer) => {
          received += chunk.length;
        });
        socket.write(`GET /download?size=${size} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        await once(socket, 'close');
        expect(received).toBeGreaterThan(size);
        expect(received).toBeLessThan(size + 1_000);
      });
      expect(grown).toBeLessThan(GROWTH);
      expect(temporaryBytes()).toBe(0);
    });

    test('during a large upload', { timeout: 40_000 }, async () => {
      const got = new Map<Socket, number>();
      const upload = await startRawBackend(
        (_, socket) => got.set(socket, 0),
        (chunk, socket) => {
          const bytes = (got.get(socket) ?? 0) + chunk.length;
          got.set(socket, bytes);
          const wanted = Number(/size=(\d+)/.exec(upload.heads.at(-1) ?? '')?.[1]);
          if (bytes === wanted) socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone`);
        },
      );
      await box.add('/upload', upload.url);
      const grown = await growth(async (size) => {
        const socket = connect({ port: box.port });
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk;
        });
        const closed = once(socket, 'close');
        socket.write(
          `POST /upload?size=${size} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
        );
        await pour(socket, size);
        await closed;
        expect(text).toMatch(/done$/);
      });
      expect(grown).toBeLessThan(GROWTH);
      expect(temporaryBytes()).toBe(0);
    });

    test('when a client takes its download slowly: the backend has to wait', async () => {
      let sent = 0;
      let lastSent = 0;
      const download = await startRawBackend((_, socket) => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${1024 * MB}\r\n\r\n`);
        return pour(socket, 1024 * MB, (bytes) => {
          sent += bytes;
          lastSent = Date.now();
        });
      });
      await box.add('/slow', download.url);
      const memory = workerMemory(box);
      const before = memory();
      const socket = connect({ port: box.port });
      onCleanup(() => socket.destroy());
      socket.write('GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => lastSent > 0 && Date.now() - lastSent > 300, { what: 'the backend to be held up' });
      // What the sockets' buffers in between hold, in the kernel.
      expect(sent).toBeLessThan(64 * MB);
      expect(memory() - before).toBeLessThan(GROWTH);
      expect(temporaryBytes()).toBe(0);
      socket.destroy();
    });
  });
});
