import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TargetChecked } from '../../../src/api/traffic/schemas.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { api } from './client.ts';
import { AUTH } from './harness.ts';

async function listening(server: Server, ...where: [number, string] | [string]): Promise<Server> {
  server.listen(...(where as [number, string]));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return server;
}

const portOf = (server: Server) => (server.address() as { port: number }).port;

/** The API with a route to `target`, and what a check of it says. */
async function checked(target: string) {
  const made = api();
  await made.call('PUT', '/api/routes', { '/user/ada': { target: 'http://127.0.0.1:1' } });
  made.table.apply({
    ...{ generation: 2, whole: false, added: [], removed: [], touched: [] },
    changed: [{ route: { key: '/user/ada', target, data: JSON.stringify({ target }) }, lastActivity: 0 }],
  });
  const headers = { ...AUTH, 'signalbox-actor': 'ada via dashboard' };
  const answer = (await made.call('POST', '/check-target', { key: '/user/ada' }, headers)).json();
  expect(Value.Check(TargetChecked, answer)).toBe(true);
  return { ...made, answer };
}

describe('POST /check-target', () => {
  it('tells that a backend takes connections, without a word to it', async () => {
    const heard: Buffer[] = [];
    let ended = 0;
    const backend = createServer((socket) => {
      socket.on('data', (chunk) => heard.push(chunk));
      socket.on('error', () => {}).on('close', () => ended++);
    });
    const port = portOf(await listening(backend, 0, '127.0.0.1'));
    const { answer, events } = await checked(`http://u:secret@127.0.0.1:${port}/base?k=secret`);
    const target = `http://127.0.0.1:${port}/base?…`;
    expect(answer).toMatchObject({
      key: '/user/ada',
      target,
      address: `127.0.0.1:${port}`,
      reachable: true,
      error: null,
    });
    expect(answer.ms).toBeGreaterThan(0);
    await until(() => ended === 1, { what: 'the connection is closed' });
    expect(heard).toEqual([]);
    const [event] = events.after(0).events;
    expect(event).toMatchObject({ kind: 'action', actor: 'ada via dashboard', key: '/user/ada' });
    expect(event?.text).toMatch(/^Checked the backend: http:.*\?… took a connection within \d+ ms$/);
  });

  it('tells why it does not', async () => {
    const server = await listening(createServer(), 0, '127.0.0.1');
    const port = portOf(server);
    server.close();
    await once(server, 'close');
    const { answer } = await checked(`http://127.0.0.1:${port}`);
    expect(answer).toMatchObject({ reachable: false, ms: null, address: `127.0.0.1:${port}` });
    expect(answer.error).toMatch(/ECONNREFUSED/);
  });

  it('looks names up', async () => {
    const port = portOf(await listening(createServer(), 0, 'localhost'));
    expect((await checked(`https://localhost:${port}`)).answer).toMatchObject({ reachable: true });
    const { answer } = await checked('http://nowhere.invalid:80');
    expect(answer).toMatchObject({ reachable: false, address: null });
    expect(answer.error).toMatch(/nowhere\.invalid|no connection within 1 s/);
  });

  it('finds unix sockets', async () => {
    const path = join(makeTempDir(), 'app.sock');
    const target = `http+unix://${encodeURIComponent(path)}/base`;
    expect((await checked(target)).answer).toMatchObject({ reachable: false, address: path });
    await listening(createServer(), path);
    expect((await checked(target)).answer).toMatchObject({ reachable: true, address: path });
  });

  it.each(['ftp://127.0.0.1', 'http+unix://%zz', 'http+unix://relative', 'nonsense'])(
    'goes nowhere with %s',
    async (target) => {
      expect((await checked(target)).answer).toMatchObject({
        ...{ address: null, reachable: false, error: 'that is no URL to connect to' },
      });
    },
  );

  it('tries only what a route leads to', async () => {
    const { call } = api();
    const codes = [];
    for (const body of [{ key: '/none' }, { target: 'http://127.0.0.1:22' }, { key: 7 }, [], 'text']) {
      codes.push((await call('POST', '/check-target', JSON.stringify(body))).json().code);
    }
    expect(codes).toEqual(['NOT_FOUND', 'BAD_PARAMETER', 'BAD_PARAMETER', 'BAD_PARAMETER', 'BAD_PARAMETER']);
  });
});
