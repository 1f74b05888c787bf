import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listenMetrics } from '../../../src/listeners/metrics.ts';
import { clearStaleSocket } from '../../../src/system/unix-socket.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { startProcess } from '../../support/process.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { ask, log, startApi } from '../listeners/listen.ts';

const mode = (path: string) => statSync(path).mode & 0o777;

/** What a killed process leaves behind. */
async function staleSocket(path: string): Promise<void> {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => console.log('ready'))`;
  const child = startProcess(process.execPath, ['-e', script]);
  await child.waitForOutput(/ready/);
  await child.stop('SIGKILL');
}

describe('the socket of the API', () => {
  it('is for its owner only, works, and is gone at the end', async () => {
    const path = join(makeTempDir(), 'api.sock');
    const umask = process.umask();
    const { listener } = await startApi({ apiSocket: path });
    expect([mode(path), process.umask()]).toEqual([0o600, umask]);
    expect(listener).toMatchObject({ where: path, port: undefined });
    expect(await ask(listener)).toMatchObject({ status: 200 });
    await listener.close();
    expect(existsSync(path)).toBe(false);
  });

  it('replaces one that a killed process left', async () => {
    const path = join(makeTempDir(), 'api.sock');
    await staleSocket(path);
    expect(existsSync(path)).toBe(true);
    const { listener } = await startApi({ apiSocket: path });
    expect(await ask(listener)).toMatchObject({ status: 200 });
  });

  it('never takes the place of one that answers', async () => {
    const path = join(makeTempDir(), 'api.sock');
    const { listener } = await startApi({ apiSocket: path });
    await expect(startApi({ apiSocket: path })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    expect(await ask(listener)).toMatchObject({ status: 200 });
  });

  it('never replaces an ordinary file, nor makes folders', async () => {
    const path = join(makeTempDir(), 'api.sock');
    writeFileSync(path, 'mine');
    await expect(clearStaleSocket(path)).rejects.toThrow(/is no socket/);
    await expect(startApi({ apiSocket: path })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
    await expect(startApi({ apiSocket: join(path, 'x') })).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  });
});

describe('the metrics', () => {
  const metrics = { render: async () => ({ contentType: 'text/plain; version=0.0.4', text: 'up 1\n' }) };

  it('are not shown anywhere unless asked for', async () => {
    expect(await listenMetrics(metrics, { metrics: undefined, metricsSocket: undefined }, log)).toBeUndefined();
  });

  it('are shown on a port, and nothing else is', async () => {
    const where = { metrics: { host: '127.0.0.1', port: 0 }, metricsSocket: undefined };
    const listener = await listenMetrics(metrics, where, log);
    if (listener === undefined) throw new Error('no listener');
    onCleanup(() => listener.close());
    expect(await ask(listener, { path: '/metrics?x' })).toMatchObject({
      status: 200,
      text: 'up 1\n',
      headers: { 'content-type': 'text/plain; version=0.0.4' },
    });
    expect(await ask(listener, { path: '/metrics', method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
    expect(await ask(listener, { path: '/metrics', method: 'POST' })).toMatchObject({ status: 405 });
    expect(await ask(listener, { path: '/api/routes' })).toMatchObject({ status: 404 });
  });

  it('are shown on a socket that all may use', async () => {
    const path = join(makeTempDir(), 'metrics.sock');
    const listener = await listenMetrics(metrics, { metrics: undefined, metricsSocket: path }, log);
    if (listener === undefined) throw new Error('no listener');
    expect(mode(path)).toBe(0o666);
    expect(await ask(listener, { path: '/metrics' })).toMatchObject({ status: 200 });
    await listener.close();
    expect(existsSync(path)).toBe(false);
  });

  it('that fail to render are a 500', async () => {
    const failing = { render: () => Promise.reject(new Error('no')) };
    const where = { metrics: { host: '127.0.0.1', port: 0 }, metricsSocket: undefined };
    const listener = await listenMetrics(failing, where, log);
    if (listener === undefined) throw new Error('no listener');
    onCleanup(() => listener.close());
    expect(await ask(listener, { path: '/metrics' })).toMatchObject({ status: 500 });
  });
});
