import { lookup } from 'node:dns/promises';
import { Agent } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { rawRequest } from '../../support/raw-http.ts';
import { ask, startApi } from './listen.ts';

describe('the API', () => {
  it('answers on a port that the system chose', async () => {
    const { listener } = await startApi();
    expect(listener.where).toBe(`127.0.0.1:${listener.port}`);
    expect(await ask(listener)).toMatchObject({ status: 200, text: 'hello' });
  });

  it('tells of each answer', async () => {
    const onAnswer = vi.fn();
    const { listener } = await startApi({}, { onAnswer });
    await ask(listener, { path: '/nothing' });
    await vi.waitFor(() => expect(onAnswer).toHaveBeenCalledWith({ method: 'GET', url: '/nothing', status: 404 }));
  });

  it('answers on all addresses of localhost', async () => {
    const { listener } = await startApi({ api: { host: 'localhost', port: 0 } });
    for (const { address } of await lookup('localhost', { all: true })) {
      expect(await ask(listener, { host: address })).toMatchObject({ status: 200 });
    }
  });

  it('answers on all interfaces', async () => {
    const { listener } = await startApi({ api: { host: '*', port: 0 } });
    expect(await ask(listener)).toMatchObject({ status: 200 });
  });

  it('answers what is no HTTP as the app would', async () => {
    const { listener } = await startApi();
    const socket = connect(listener.port ?? 0, '127.0.0.1', () => socket.write('rubbish\r\n\r\n'));
    const [text] = (await new Promise((resolve) => socket.once('data', (data) => resolve([String(data)])))) as [string];
    expect(text).toContain('400 Ours');
  });

  it('says who has the port', async () => {
    const { listener } = await startApi();
    const again = startApi({ api: { host: '127.0.0.1', port: listener.port ?? 0 } });
    await expect(again).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringMatching(
        process.platform === 'linux'
          ? new RegExp(
              `^the API cannot listen on 127\\.0\\.0\\.1:${listener.port}: \\S+ \\(pid ${process.pid}\\) does$`,
            )
          : /cannot listen/,
      ),
      hint: expect.stringContaining('--api'),
    });
  });

  it('says that a name cannot be found', async () => {
    await expect(startApi({ api: { host: 'no-such-host.invalid', port: 0 } })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      hint: 'Choose another address with --api.',
    });
  });
});

describe('closing', () => {
  it('lets a running request end, and its connection with it', async () => {
    const { listener, release } = await startApi();
    const agent = new Agent({ keepAlive: true });
    await ask(listener, { agent });
    const slow = ask(listener, { path: '/slow', agent: new Agent({ keepAlive: true }) });
    await new Promise((resolve) => setTimeout(resolve, 30));
    const closed = listener.close(5_000);
    release();
    expect(await slow).toMatchObject({ status: 200, text: 'late' });
    await closed;
    await expect(ask(listener)).rejects.toThrow();
    agent.destroy();
  });

  it('cuts off what takes too long', async () => {
    const { listener } = await startApi();
    const slow = ask(listener, { path: '/slow' });
    const failed = expect(slow).rejects.toThrow(/socket hang up/);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const started = Date.now();
    await listener.close(50);
    await failed;
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it('cuts off a connection on which nothing was ever asked', async () => {
    const { listener } = await startApi();
    const socket = connect(listener.port ?? 0, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    const ended = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    await listener.close(50);
    await ended;
  });
});

it('keeps a request line byte for byte', async () => {
  const { listener } = await startApi();
  const answer = await rawRequest({ port: listener.port ?? 0, method: 'GET', target: '/?a=%zz' });
  expect(answer.status).toBe(200);
});
