import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { startLoad } from '../../support/load.ts';
import { isAlive } from '../../support/process-tree.ts';
import { testAsRoot } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';
import { openEcho } from '../../support/ws-client.ts';
import { describeEachSceneOnce, isReady, masters, proxyProcesses, status, workers } from '../scene.ts';

const ROUTES = 20;

describeEachSceneOnce('a proxy', ({ start, proxy }) => {
  const killAll = (stateDir: string) => {
    for (const { pid } of proxyProcesses(stateDir)) process.kill(pid, 'SIGKILL');
  };

  async function scene() {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin', '--drain-timeout', '0ms'] });
    const keys = Array.from({ length: ROUTES }, (_, i) => `/user/u${i}`);
    await signalbox.api('PATCH', '/api/routes', Object.fromEntries(keys.map((key) => [key, { target: backend.url }])));
    const servesAll = async () => {
      const answers = await Promise.all(keys.map((key) => signalbox.get(`${key}/`)));
      return answers.every(({ status }) => status === 200);
    };
    return { backend, signalbox, servesAll };
  }

  async function expectBackInTime(kill: (stateDir: string) => void) {
    const { backend, signalbox, servesAll } = await scene();
    const before = proxyProcesses(signalbox.stateDir).map(({ pid }) => pid);
    const started = Date.now();
    kill(signalbox.stateDir);
    const [posted, again] = await Promise.all([
      signalbox.api('POST', '/api/routes/new', { target: backend.url }),
      signalbox.api('POST', '/api/routes/user/u1', { target: backend.url }),
    ]);
    expect([posted.status, again.status]).toEqual([201, 201]);
    expect((await signalbox.get('/new/')).status).toBe(200);
    await until(servesAll, { what: 'all routes to be served again', timeout: 5_000 });
    await until(() => isReady(signalbox), { what: 'ready again' });
    expect(Date.now() - started).toBeLessThan(2_000);
    // What was left of the old one has gone or goes, and there is one master.
    await until(() => before.every((pid) => !isAlive(pid)), { what: 'the old processes to end' });
    expect(masters(signalbox.stateDir)).toHaveLength(1);
    expect((await status(signalbox)).proxy).toMatchObject({ up: true, restarts: 1 });
    await signalbox.stop();
  }

  it('that is killed is back within two seconds with all routes; a 201 meanwhile is true', WALL_CLOCK, () =>
    expectBackInTime(killAll),
  );

  proxy.differs('one-process')('whose master is killed is back as fast', () =>
    expectBackInTime((stateDir) => {
      for (const pid of masters(stateDir)) process.kill(pid, 'SIGKILL');
    }),
  );

  proxy.differs('one-process')('of which a worker is killed goes on: the master starts another one', async () => {
    const { backend, signalbox, servesAll } = await scene();
    const [worker] = workers(signalbox.stateDir);
    process.kill(worker as number, 'SIGKILL');
    await signalbox.add('/new', backend.url);
    await until(servesAll, { what: 'all routes to be served', timeout: 2_000 });
    expect((await status(signalbox)).proxy).toMatchObject({ up: true, restarts: 0 });
    await signalbox.stop();
  });

  proxy.differs('one-process')('whose master is killed keeps the websockets of its workers', async () => {
    const { signalbox, servesAll } = await scene();
    const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/u0/ws`, { interval: 5 });
    for (const pid of masters(signalbox.stateDir)) process.kill(pid, 'SIGKILL');
    await until(async () => (await status(signalbox)).proxy.restarts === 1, { what: 'the proxy to be started again' });
    await until(servesAll, { what: 'all routes to be served again' });
    const { received } = echo.report();
    await until(() => echo.report().received > received + 10, { what: 'more echoes' });
    expect(await echo.stop()).toMatchObject({ lost: 0, reconnects: 0 });
    await signalbox.stop();
  });

  it('that is killed takes websockets as soon as it is back', async () => {
    const { signalbox } = await scene();
    const echo = await openEcho(`${signalbox.url.replace('http', 'ws')}/user/u0/ws`, { interval: 5 });
    killAll(signalbox.stateDir);
    await until(() => echo.report().reconnects > 0, { what: 'the websocket to be cut' });
    const { received } = echo.report();
    await until(() => echo.report().received > received + 10, { what: 'echoes on the next connection' });
    await signalbox.stop();
  });

  it('that is killed together with the daemon is started anew by the next daemon', async () => {
    const { signalbox, servesAll } = await scene();
    const load = startLoad({ url: signalbox.url, paths: ['/user/u0/'], connections: 1, pause: 20 });
    signalbox.kill('SIGKILL');
    for (const pid of masters(signalbox.stateDir)) process.kill(pid, 'SIGKILL');
    await signalbox.restart();
    expect(await servesAll()).toBe(true);
    expect(masters(signalbox.stateDir)).toHaveLength(1);
    await load.stop();
    await signalbox.stop();
  });

  it('that is killed, and whose port someone else took, is tried again until the port is free', async () => {
    const { backend, signalbox, servesAll } = await scene();
    // The daemon sees nothing of it until the port is taken.
    signalbox.kill('SIGSTOP');
    killAll(signalbox.stateDir);
    const thief = createServer();
    await until(() => thief.listening || !thief.listen(signalbox.port, '127.0.0.1').once('error', () => {}), {
      what: 'the port',
    });
    signalbox.kill('SIGCONT');
    await until(async () => (await signalbox.api('GET', '/readyz')).text().includes('cannot listen on'), {
      what: 'the reason',
    });
    const posted = signalbox.api('POST', '/api/routes/new', { target: backend.url });
    thief.close();
    expect((await posted).status).toBe(201);
    expect(await servesAll()).toBe(true);
    expect(signalbox.exit()).toBeUndefined();
    await signalbox.stop();
  });
});

const withoutPtrace = ['setpriv', '--inh-caps', '-sys_ptrace', '--bounding-set', '-sys_ptrace'] as const;

describeEachSceneOnce(
  'a proxy in a container, where processes of another user do not show their folder,',
  ({ start }) => {
    testAsRoot('to take a capability away')(
      'is back after it was killed, although its workers, if it has any, hold the port',
      async () => {
        const backend = await startBackend();
        const signalbox = await start({ command: [...withoutPtrace, process.execPath, BIN, 'serve'] });
        await signalbox.add('/user/ada', backend.url);
        const orphans = workers(signalbox.stateDir);
        for (const pid of masters(signalbox.stateDir)) process.kill(pid, 'SIGKILL');
        await until(async () => (await status(signalbox)).proxy.restarts === 1, {
          what: 'the proxy to be started again',
        });
        await signalbox.add('/user/bob', backend.url);
        expect((await signalbox.get('/user/ada/')).status).toBe(200);
        await until(() => orphans.every((pid) => !isAlive(pid)), { what: 'the orphans to end' });
        await signalbox.stop();
      },
    );
  },
);
