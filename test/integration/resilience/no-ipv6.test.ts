import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { noIPv6 } from '../../support/surroundings/no-ipv6.ts';
import { describeEachSceneOnce } from '../scene.ts';

describeEachSceneOnce('a machine without IPv6', ({ start }) => {
  it('is served on every interface that it has, where [::] is asked for', async () => {
    const backend = await startBackend();
    const port = await freePort();
    // The later of two flags counts.
    const signalbox = await start({ args: ['--public', `[::]:${port}`], env: noIPv6 });
    await signalbox.add('/', backend.url);
    expect((await rawRequest({ port, target: '/x' })).status).toBe(200);
    await signalbox.stop();
  });
});
