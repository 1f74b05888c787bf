import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { portHolder, socketHolder } from '../../../src/system/who-holds.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';

async function listenHere(where: { port: number; host: string } | { path: string }): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(where, resolve));
  onCleanup(() => server.close());
}

describeIf(process.platform === 'linux', 'only Linux has /proc', 'who holds a port or a socket', () => {
  it.each(['127.0.0.1', '::1', '0.0.0.0'])('names this process for a port on %s', async (host) => {
    const port = await freePort();
    expect(portHolder(port)).toBeUndefined();
    await listenHere({ port, host });
    expect(portHolder(port)).toMatch(new RegExp(`^\\S+ \\(pid ${process.pid}\\)$`));
  });

  it('names another program', async () => {
    const port = await freePort();
    const script = `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log('ready'))`;
    const child = startProcess(process.execPath, ['-e', script]);
    await child.waitForOutput(/ready/);
    expect(portHolder(port)).toBe(`node (pid ${child.pid})`);
  });

  it('names who listens on a unix socket', async () => {
    const path = join(makeTempDir(), 'a socket');
    expect(socketHolder(path)).toBeUndefined();
    await listenHere({ path });
    expect(socketHolder(path)).toContain(`(pid ${process.pid})`);
  });
});
