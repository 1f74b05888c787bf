import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { expect, it } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { api } from './client.ts';

/** Sends bytes to a listening API and gives everything that comes back until the connection ends. */
async function exchange(made: ReturnType<typeof api>, ...parts: string[]): Promise<string> {
  if (!made.app.server.listening) await made.app.listen({ port: 0, host: '127.0.0.1' });
  const socket = connect((made.app.server.address() as AddressInfo).port, '127.0.0.1');
  let received = '';
  socket.setEncoding('latin1').on('data', (text) => {
    received += text;
  });
  for (const part of parts) if (!socket.write(part, 'latin1')) await once(socket, 'drain');
  await once(socket, 'close');
  return received;
}

const statuses = (received: string) => [...received.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]));
const head = 'Host: h\r\nAuthorization: token s3cret\r\n';
const last = `${head}Connection: close\r\n`;
const body = '{"target":"http://h"}';
const post = (path: string, headers = head) =>
  `POST ${path} HTTP/1.1\r\n${headers}Content-Length: ${body.length}\r\n\r\n${body}`;

it('answers pipelined requests in order', async () => {
  const made = api();
  made.table.reset(1, [{ route: makeRoute('/b', { target: 'http://h' }), lastActivity: 1 }]);
  const received = await exchange(
    made,
    `${post('/api/routes/a')}GET /api/routes/b HTTP/1.1\r\n${head}\r\n`,
    `HEAD /api/routes HTTP/1.1\r\n${head}\r\nDELETE /api/routes/b HTTP/1.1\r\n${last}\r\n`,
  );
  expect(statuses(received)).toEqual([201, 200, 405, 204]);
});

it('takes a chunked body without a type, in pieces that split a character', async () => {
  const made = api();
  const bytes = Buffer.from('{"target":"http://h","name":"ü"}').toString('latin1');
  const chunks = [...bytes].map((char) => `1\r\n${char}\r\n`).join('');
  const received = await exchange(
    made,
    `POST /api/routes/a HTTP/1.1\r\n${last}Transfer-Encoding: chunked\r\n\r\n`,
    `${chunks}0\r\n\r\n`,
  );
  expect(statuses(received)).toEqual([201]);
  expect(made.table.get('/a')?.route.data).toContain('"ü"');
});

it.each(['//evil/api/routes', '*', '/api/routes/%zz', '/api/routes/..%2F', '/api/routes/\xff\xfe'])(
  'answers a DELETE of %s',
  async (path) => {
    const [status] = statuses(await exchange(api(), `DELETE ${path} HTTP/1.1\r\n${last}\r\n`));
    expect([400, 404]).toContain(status);
  },
);

it('takes a path of almost 16 KB and refuses a longer one with 431, in JSON', async () => {
  const made = api();
  expect(statuses(await exchange(made, post(`/api/routes/${'a/'.repeat(7_900)}`, last)))).toEqual([201]);
  const received = await exchange(made, post(`/api/routes/${'a/'.repeat(9_000)}`, last));
  expect(statuses(received)).toEqual([431]);
  expect(JSON.parse(received.split('\r\n\r\n')[1] as string)).toMatchObject({ code: 'TOO_LARGE' });
});

it('answers what is no HTTP with 400, in JSON', async () => {
  const received = await exchange(api(), 'nonsense\r\n\r\n');
  expect(statuses(received)).toEqual([400]);
  expect(received).toContain('Content-Type: application/json');
  expect(JSON.parse(received.split('\r\n\r\n')[1] as string)).toMatchObject({ code: 'BAD_REQUEST' });
});

it('lets a client without the token read its 403 to the end of a large body', async () => {
  const size = 20_000_000;
  const received = await exchange(
    api(),
    `POST /api/routes/a HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`,
    ...Array.from({ length: 20 }, () => 'x'.repeat(size / 20)),
  );
  expect(statuses(received)).toEqual([403]);
});

it('goes on after a client that breaks off in the middle of a body', async () => {
  const made = api();
  await made.app.listen({ port: 0, host: '127.0.0.1' });
  const arrived = once(made.app.server, 'request');
  const socket = connect((made.app.server.address() as AddressInfo).port, '127.0.0.1');
  socket.write(`POST /api/routes/a HTTP/1.1\r\n${head}Content-Length: 100\r\n\r\n{"tar`);
  await arrived;
  socket.destroy();
  expect(statuses(await exchange(made, post('/api/routes/b', last)))).toEqual([201]);
  expect(made.table.size).toBe(1);
});
