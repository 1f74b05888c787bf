import { Agent, createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ask, socketPlace } from '../../../src/process/ask.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** Answers with what it was asked, and counts its connections. */
async function startServer(where: string | number) {
  let connections = 0;
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      response.writeHead(418, { 'X-Method': request.method });
      response.end(`${request.url} ${request.headers.token ?? ''} ${body}`);
    });
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => server.listen(where, () => resolve()));
  onCleanup(() => server.close());
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

it('asks over a unix socket and over a URL', async () => {
  const path = join(makeTempDir(), 'a socket');
  await startServer(path);
  const { port } = await startServer(0);
  for (const place of [socketPlace(path), `http://127.0.0.1:${port}`, new URL(`http://127.0.0.1:${port}`)]) {
    const answer = await ask(place, '/a?b=c', {
      method: 'PUT',
      headers: { token: 't' },
      body: 'text',
      timeoutMs: 2_000,
    });
    expect(answer).toMatchObject({ status: 418, text: '/a?b=c t text' });
    expect(answer.headers['x-method']).toBe('PUT');
  }
});

it('uses a new connection, or the one that is kept', async () => {
  const { port, connections } = await startServer(0);
  const place = `http://127.0.0.1:${port}`;
  await ask(place, '/', { timeoutMs: 2_000 });
  await ask(place, '/', { timeoutMs: 2_000 });
  expect(connections()).toBe(2);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  await ask(place, '/', { agent, timeoutMs: 2_000 });
  await ask(place, '/', { agent, timeoutMs: 2_000 });
  expect(connections()).toBe(3);
  agent.destroy();
});

it('does not wait longer than it may for one that says nothing', async () => {
  const silent = createTcpServer((socket) => onCleanup(() => socket.destroy()));
  await new Promise<void>((resolve) => silent.listen(0, () => resolve()));
  onCleanup(() => silent.close());
  const { port } = silent.address() as AddressInfo;
  await expect(ask(`http://127.0.0.1:${port}`, '/', { timeoutMs: 200 })).rejects.toThrow('no answer within 0.2 s');
});

it('fails with the code of the system where nobody listens', async () => {
  const path = join(makeTempDir(), 'none');
  await expect(ask(socketPlace(path), '/', { timeoutMs: 2_000 })).rejects.toMatchObject({ code: 'ENOENT' });
});
