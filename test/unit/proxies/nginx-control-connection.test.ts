import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ControlConnection } from '../../../src/proxies/nginx/control-connection.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { makeTempDir } from '../../support/tmp.ts';

const ANSWER = 'HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\nhello';

/** A connection to a server that does this with each question. */
async function connectTo(onQuestion: (socket: Socket, question: string) => void): Promise<ControlConnection> {
  const path = join(makeTempDir(), 'socket');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    socket.on('data', (question) => onQuestion(socket, String(question)));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const connection = new ControlConnection(path);
  onCleanup(() => {
    connection.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return connection;
}

it('is asked again and again', async () => {
  const questions: string[] = [];
  const connection = await connectTo((socket, question) => {
    questions.push(question);
    socket.write(ANSWER);
  });
  for (const path of ['/1', '/2']) {
    const asked = connection.ask(path, 5_000);
    expect(connection.isBusy).toBe(true);
    expect(await asked).toEqual({ status: '200', text: 'hello' });
    expect(connection.isBusy).toBe(false);
  }
  expect(questions).toEqual(['/1', '/2'].map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`));
});

it('takes an answer that comes in pieces', async () => {
  const connection = await connectTo(async (socket) => {
    for (const piece of ANSWER) await new Promise((resolve) => socket.write(piece, resolve));
  });
  expect(await connection.ask('/', 5_000)).toEqual({ status: '200', text: 'hello' });
});

it('is over after an answer that says so', async () => {
  const connection = await connectTo((socket) => socket.write(ANSWER.replace('keep-alive', 'close')));
  expect(await connection.ask('/', 5_000)).toMatchObject({ text: 'hello' });
  expect(connection.isOpen).toBe(false);
});

it.each([
  ['no answer', () => {}, 'no answer within 0.2 s'],
  ['a connection that ends in the middle', (socket: Socket) => socket.end(ANSWER.slice(0, -1)), 'closed'],
  ['more than one answer', (socket: Socket) => socket.write(ANSWER + ANSWER), 'a strange answer'],
  ['no HTTP without end', (socket: Socket) => socket.write('x'.repeat(100_000)), 'a strange answer'],
])('%s is an error, and the end of the connection', async (_, onQuestion, message) => {
  const connection = await connectTo(onQuestion);
  await expect(connection.ask('/', 200)).rejects.toThrow(message);
  expect(connection.isOpen).toBe(false);
});

it('a socket that nobody listens on is an error', async () => {
  const connection = new ControlConnection(join(makeTempDir(), 'socket'));
  await expect(connection.ask('/', 5_000)).rejects.toThrow('ENOENT');
});
