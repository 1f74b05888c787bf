import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { until } from '../../support/wait.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';
import { describeEachSceneOnce, isReady, proxyProcesses } from '../scene.ts';

describeEachSceneOnce('a proxy that hangs', ({ start }) => {
  it('makes a change answer 503 in time with the reason, and serves it when it goes on', async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin', '--apply-timeout', '2500ms'] });
    const frozen = proxyProcesses(signalbox.stateDir).map(({ pid }) => pid);
    const thaw = () => {
      for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
    };
    onCleanup(thaw);
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    const before = Date.now();
    const answer = await signalbox.api('POST', '/api/routes/late', { target: backend.url });
    expect(Date.now() - before).toBeLessThan(4_000);
    expect([answer.status, answer.json()]).toEqual([
      503,
      expect.objectContaining({ code: 'NOT_SERVED', message: expect.stringContaining('not served within 2.5 s') }),
    ]);
    expect((await signalbox.api('GET', '/api/routes/late')).status).toBe(200);
    thaw();
    await until(async () => (await signalbox.get('/late/')).status === 200, { what: 'the route to be served' });
    await until(() => isReady(signalbox), { what: 'ready', timeout: 20_000 });
    await signalbox.stop();
  });

  it('does not keep a stop from ending in time', WALL_CLOCK, async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin', '--apply-timeout', '300ms', '--drain-timeout', '200ms'] });
    for (const { pid } of proxyProcesses(signalbox.stateDir)) process.kill(pid, 'SIGSTOP');
    expect((await signalbox.api('POST', '/api/routes/late', { target: backend.url })).status).toBe(503);
    const before = Date.now();
    expect(await signalbox.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(Date.now() - before).toBeLessThan(3_000);
    await until(() => proxyProcesses(signalbox.stateDir).length === 0, { what: 'the proxy to be gone' });
  });
});
