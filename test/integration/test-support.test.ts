import { expect, test } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { startLoad } from '../support/load.ts';
import { describeEachNginx } from '../support/nginx.ts';
import { isAlive } from '../support/process-tree.ts';
import { nginxLive } from '../support/proxies.ts';
import { startSignalbox } from '../support/signalbox.ts';
import { until } from '../support/wait.ts';
import { openEcho } from '../support/ws-client.ts';

describeEachNginx('the daemon as tests start it', (nginx) => {
  test('serves a route, and nginx outlives a kill -9 until the next daemon takes it over', async () => {
    const signalbox = await startSignalbox({ proxy: nginxLive(nginx) });
    const backend = await startBackend({ name: 'ada' });
    await signalbox.add('/user/ada', backend.url, { user: 'ada' });
    expect((await signalbox.get('/user/ada/x')).json()).toMatchObject({ backend: 'ada', url: '/user/ada/x' });
    expect((await signalbox.api('GET', '/api/routes/user/ada')).json()).toMatchObject({ user: 'ada' });

    const load = startLoad({ url: signalbox.url, paths: ['/user/ada/'], connections: 2, pause: 2 });
    const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/ada/ws`);
    const { pid } = signalbox;
    const proxy = signalbox.proxyPid();
    expect(await signalbox.stop('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    const before = backend.counts.requests;
    await until(() => backend.counts.requests > before + 20, { what: 'requests without a daemon' });
    await signalbox.restart();
    expect(signalbox.pid).not.toBe(pid);
    expect(signalbox.proxyPid()).toBe(proxy);
    expect(await load.stop()).toMatchObject({ failed: 0 });
    expect(await echo.stop()).toMatchObject({ lost: 0, outOfOrder: 0, reconnects: 0 });

    await signalbox.remove('/user/ada');
    expect((await signalbox.get('/user/ada/x')).status).toBe(404);
    expect((await signalbox.stop()).code).toBe(0);
    await until(() => proxy !== undefined && !isAlive(proxy), { what: 'nginx to end with the daemon' });
  });
});
