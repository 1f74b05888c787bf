import { createServer } from 'node:http';
import type { Socket } from 'node:net';
import { expect } from 'vitest';
import { onCleanup } from '../../support/cleanup.ts';
import { ResponseReader } from '../../support/http-response.ts';
import { connect, requestBytes } from '../../support/raw-http.ts';
import { testIf } from '../../support/skip.ts';
import { until, within } from '../../support/wait.ts';
import { listen } from '../proxying/raw-backend.ts';
import { describeEachScene, isReady, status } from '../scene.ts';

/** A connection of a client that keeps it. */
async function openKept(port: number) {
  const socket: Socket = connect({ port });
  onCleanup(() => socket.destroy());
  const closed = new Promise<void>((resolve) => socket.on('close', resolve));
  socket.on('error', () => undefined);
  const send = (method: string, target: string) =>
    within(
      10_000,
      'an answer',
      new Promise<NonNullable<ReturnType<ResponseReader['push']>>>((resolve, reject) => {
        const reader = new ResponseReader();
        const onData = (chunk: Buffer) => {
          const answer = reader.push(chunk);
          if (!answer) return;
          socket.off('data', onData);
          resolve(answer);
        };
        socket.on('data', onData);
        socket.on('close', () => reject(new Error('closed without an answer')));
        socket.write(requestBytes({ method, target, ...(method === 'POST' ? { body: 'x' } : {}) }, 'keep-alive'));
      }),
    );
  return { send, closed };
}

async function startCounter() {
  const posts: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    if (request.method === 'POST') posts.push(request.url);
    request.resume().on('end', () => response.end('done'));
  });
  const url = `http://127.0.0.1:${await listen(server)}`;
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url, posts };
}

describeEachScene('clients that keep their connections', ({ start, proxy }) => {
  const keeps = proxy.driver === 'nginx' && Number(proxy.version.split('.')[1]) >= 28;

  proxy.differs('keep-alive-hint')('are told how long, and may use them for a second more', async () => {
    const backend = await startCounter();
    const signalbox = await start({ args: ['--keep-alive-timeout', '1s', '--no-pin'] });
    await signalbox.add('/', backend.url);
    const client = await openKept(signalbox.port);
    const { headers } = await client.send('GET', '/x');
    const answered = performance.now();
    expect(headers).toContainEqual(['Keep-Alive', 'timeout=1']);
    await client.closed;
    expect(performance.now() - answered).toBeGreaterThan(1_500);
    await signalbox.stop();
  });

  testIf(proxy.driver !== 'traefik', 'Traefik has no reload')(
    keeps
      ? 'lose no request over a reload: the next one is answered'
      : 'have them closed by a reload, and never see an earlier table',
    async () => {
      const backend = await startCounter();
      const signalbox = await start({ args: ['--no-pin'] });
      await signalbox.add('/', backend.url);
      const clients = await Promise.all(Array.from({ length: 20 }, () => openKept(signalbox.port)));
      for (const client of clients) {
        expect(await client.send('GET', '/')).toMatchObject({ status: 200, keepAlive: true });
      }
      const before = (await status(signalbox)).reloads;
      // A depth that was not in use before.
      await signalbox.add('/a/b/c/d/e', backend.url);
      expect((await status(signalbox)).reloads).toBe(before + 1);
      if (keeps) {
        const answers = await Promise.all(clients.map((client) => client.send('POST', '/counted')));
        expect(answers.filter((answer) => answer.status !== 200 || answer.keepAlive)).toEqual([]);
        expect(backend.posts).toHaveLength(clients.length);
      }
      await within(10_000, 'the connections to be closed', Promise.all(clients.map(({ closed }) => closed)));
      await until(() => isReady(signalbox), { what: 'rest' });
      await signalbox.stop();
    },
  );
});
