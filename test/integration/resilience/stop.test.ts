import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { isPortFree } from '../../support/ports.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';
import { open } from '../../support/ws-client.ts';
import { describeEachSceneOnce, isReady, masters, proxyProcesses, status } from '../scene.ts';

async function expectNothingLeft(signalbox: Signalbox): Promise<void> {
  expect(proxyProcesses(signalbox.stateDir)).toEqual([]);
  expect(signalbox.proxyPid()).toBeUndefined();
  expect(await isPortFree(signalbox.port)).toBe(true);
  expect(await isPortFree(signalbox.apiPort)).toBe(true);
  const sockets = join(signalbox.stateDir, 'nginx', 'control');
  if (existsSync(sockets)) expect(readdirSync(sockets)).toEqual([]);
}

describeEachSceneOnce('a daemon that is told to stop', ({ start }) => {
  it('lets running requests end, takes no new ones, and leaves nothing', async () => {
    const backend = await startBackend();
    const signalbox = await start();
    await signalbox.add('/', backend.url);
    const running = signalbox.get('/slow/700');
    await until(() => backend.counts.requests === 1, { what: 'the request to arrive' });
    const stopped = signalbox.stop('SIGTERM');
    await until(() => isPortFree(signalbox.port), { what: 'the public port to be closed' });
    expect(signalbox.exit()).toBeUndefined();
    expect(await running).toMatchObject({ status: 200, complete: true });
    expect(await stopped).toEqual({ code: 0, signal: null });
    await expectNothingLeft(signalbox);
  });

  it('cuts what is left after the drain timeout', WALL_CLOCK, async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--drain-timeout', '200ms'] });
    await signalbox.add('/', backend.url);
    const socket = await open(`${signalbox.url.replace('http', 'ws')}/ws-silent`);
    const before = Date.now();
    expect(await signalbox.stop('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(Date.now() - before).toBeLessThan(3_000);
    await until(() => socket.readyState === socket.CLOSED, { what: 'the websocket to be cut' });
    await expectNothingLeft(signalbox);
  });

  it('stops at once when told again', WALL_CLOCK, async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--drain-timeout', '1h'] });
    await signalbox.add('/', backend.url);
    await open(`${signalbox.url.replace('http', 'ws')}/ws-silent`);
    const stopped = signalbox.stop('SIGTERM');
    await until(() => isPortFree(signalbox.port), { what: 'the public port to be closed' });
    const before = Date.now();
    signalbox.kill('SIGTERM');
    expect(await stopped).toEqual({ code: 0, signal: null });
    expect(Date.now() - before).toBeLessThan(2_000);
    await expectNothingLeft(signalbox);
  });
});

describeEachSceneOnce('a stop', ({ start }) => {
  it('before the proxy was taken over ends that proxy, too', async () => {
    const signalbox = await start();
    signalbox.kill('SIGKILL');
    await until(() => signalbox.exit(), { what: 'the daemon to die' });
    expect(masters(signalbox.stateDir)).toHaveLength(1);
    const restarted = signalbox.restart();
    signalbox.kill('SIGTERM');
    await restarted.catch(() => undefined);
    if (signalbox.exit() === undefined) await signalbox.stop();
    // A signal before Node runs our code kills as any signal does; the proxy then serves on, and the next daemon ends it.
    if (masters(signalbox.stateDir).length > 0) {
      await signalbox.restart();
      await signalbox.stop();
    }
    await expectNothingLeft(signalbox);
  });
});

describeEachSceneOnce('an end of which a part fails', ({ start, proxy: { driver } }) => {
  it('is an end of all the rest, and says what failed', async () => {
    const signalbox = await start();
    const pidFile = join(signalbox.stateDir, driver, `${driver}.pid`);
    rmSync(pidFile);
    // That can't be removed as a file.
    mkdirSync(pidFile);
    expect(await signalbox.stop()).toEqual({ code: 1, signal: null });
    expect(signalbox.logs()).toMatch(/"reason":"[^"]*EISDIR.*not everything could be ended/);
    expect(proxyProcesses(signalbox.stateDir)).toEqual([]);
    expect(existsSync(join(signalbox.stateDir, 'lock.pid'))).toBe(false);
    expect(await isPortFree(signalbox.apiPort)).toBe(true);
  });
});

type Damage = (folder: string) => void;

const NGINX: readonly Damage[] = [
  (nginx) => writeFileSync(join(nginx, 'current/signalbox.conf'), 'nonsense'),
  (nginx) => rmSync(join(nginx, 'current/nginx.conf')),
  (nginx) => rmSync(join(nginx, 'run/table/2/user/ada')),
  (nginx) => rmSync(join(nginx, 'run/table/2/user'), { recursive: true }),
  (nginx) => rmSync(join(nginx, 'run/t/http'), { recursive: true }),
  (nginx) => rmSync(join(nginx, 'run/table/0'), { recursive: true }),
  (nginx) => rmSync(join(nginx, 'run'), { recursive: true }),
];
const TRAEFIK: readonly Damage[] = [
  (traefik) => writeFileSync(join(traefik, 'dynamic/routes.yml'), 'nonsense'),
  (traefik) => rmSync(join(traefik, 'dynamic/routes.yml')),
  (traefik) => rmSync(join(traefik, 'last-good.yml')),
  (traefik) => rmSync(join(traefik, 'dynamic/tls.yml')),
  (traefik) => rmSync(join(traefik, 'staging'), { recursive: true }),
];

describeEachSceneOnce('SIGHUP', ({ start, proxy: { driver } }) => {
  it('brings back what someone did to our files', async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin'] });
    await signalbox.add('/user/ada', backend.url);
    // The second one fits no path: nginx has it in its configuration.
    await signalbox.add('/user//bob', backend.url);
    const served = async () => {
      const answers = await Promise.all(['/user/ada/', '/user//bob/'].map((path) => signalbox.get(path)));
      return answers.every((answer) => answer.status === 200);
    };
    for (const damage of { nginx: NGINX, traefik: TRAEFIK }[driver]) {
      damage(join(signalbox.stateDir, driver));
      const { generation } = await status(signalbox);
      signalbox.kill('SIGHUP');
      await until(async () => (await served()) && (await isReady(signalbox)), { what: `repair after ${damage}` });
      expect((await status(signalbox)).generation.wanted).toBe(generation.wanted);
      await signalbox.add('/user/new', backend.url);
      await signalbox.remove('/user/new');
      expect((await status(signalbox)).lastError).toBeNull();
    }
    await signalbox.stop();
  });

  it('is not needed when the next change finds the table gone', async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin'] });
    await signalbox.add('/user/ada', backend.url);
    rmSync(join(signalbox.stateDir, driver, driver === 'nginx' ? 'run' : 'dynamic/routes.yml'), { recursive: true });
    await signalbox.add('/user/bob', backend.url);
    expect((await signalbox.get('/user/ada/')).status).toBe(200);
    expect((await signalbox.get('/user/bob/')).status).toBe(200);
    await signalbox.stop();
  });
});
