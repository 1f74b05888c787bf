import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort } from '../../support/ports.ts';
import { type Child, startProcess } from '../../support/process.ts';
import { descendants } from '../../support/process-tree.ts';
import type { TestProxy } from '../../support/proxies.ts';
import { rawRequest } from '../../support/raw-http.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { testAsRoot, testIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { startSidecar } from '../doctor/sidecar.ts';
import { describeEachSceneOnce, isReady, type Scene, status, workers } from '../scene.ts';

// Nobody changes a route in here once it is served: what happens to the proxy has to be found out all the same. What is promised
// is five seconds; the machine may be slow.
const SOON = { timeout: 10_000 };

interface Stage {
  readonly signalbox: Signalbox;
  /** Those that answer users. */
  readonly pids: () => number[];
  /** The file with Traefik's routers. */
  readonly routers: string;
}

async function untilServed(signalbox: Signalbox): Promise<void> {
  const isServed = async () => (await signalbox.get('/user/ada/')).status === 200 && (await isReady(signalbox));
  await until(isServed, { ...SOON, what: 'the route to be served, and ready' });
}

function timesNoticed(signalbox: Signalbox): number {
  return signalbox.logs().split('the proxy no longer serves what it should').length - 1;
}

async function metric(signalbox: Signalbox, name: string): Promise<string | undefined> {
  const text = (await signalbox.api('GET', '/metrics')).text();
  return new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1];
}

/** All three tell it, with the reason. */
async function expectNotReady(signalbox: Signalbox, reason: RegExp): Promise<void> {
  await until(async () => !(await isReady(signalbox)), { ...SOON, what: 'not ready' });
  const readiness = (await signalbox.api('GET', '/readyz')).json();
  const { proxy, generation } = await status(signalbox);
  expect({ readiness, up: proxy.up }).toMatchObject({
    readiness: { reason: expect.stringMatching(reason) },
    up: false,
  });
  expect(generation.served).toBeLessThan(generation.wanted);
  expect(await metric(signalbox, 'signalbox_proxy_up')).toBe('0');
}

function cases({ driver }: TestProxy, start: () => Promise<Stage>): void {
  it('is seen without a change when it hangs, and when it goes on', async () => {
    const { signalbox, pids } = await start();
    const frozen = pids();
    expect(frozen).not.toEqual([]);
    const thaw = () => {
      for (const pid of frozen.splice(0)) process.kill(pid, 'SIGCONT');
    };
    onCleanup(thaw);
    for (const pid of frozen) process.kill(pid, 'SIGSTOP');
    await expectNotReady(signalbox, /no answer .*within [\d.]+ s/);
    thaw();
    await untilServed(signalbox);
    expect(await status(signalbox)).toMatchObject({ proxy: { up: true, restarts: 0 } });
    expect(await metric(signalbox, 'signalbox_proxy_up')).toBe('1');
    await signalbox.stop();
  });

  const damages: Record<string, (stage: Stage) => void> =
    driver === 'traefik'
      ? {
          'the file with its routers is removed': ({ routers }) => rmSync(routers),
          'somebody edits the file with its routers': ({ routers }) =>
            writeFileSync(routers, readFileSync(routers, 'utf8').replaceAll('/user', '/usher')),
        }
      : {
          'its table is removed': ({ signalbox }) => rmSync(join(signalbox.stateDir, 'nginx/run/table')),
          'what its table leads to is removed': ({ signalbox }) =>
            rmSync(join(signalbox.stateDir, 'nginx/run/t'), { recursive: true }),
          'a part of its table is removed': ({ signalbox }) => {
            const run = join(signalbox.stateDir, 'nginx/run');
            const table = readdirSync(run).find((name) => name.startsWith('table-'));
            rmSync(join(run, table as string, '2'), { recursive: true });
          },
        };
  it('gets back what somebody took away, without a change', async () => {
    const stage = await start();
    for (const [what, damage] of Object.entries(damages)) {
      const before = timesNoticed(stage.signalbox);
      damage(stage);
      await until(() => timesNoticed(stage.signalbox) > before, { ...SOON, what: `it to be noticed: ${what}` });
      await untilServed(stage.signalbox);
    }
    await stage.signalbox.stop();
  });

  const itOfWorkers =
    driver === 'nginx' ? testAsRoot("where nginx's workers are another user") : testIf(false, 'Traefik has no workers');
  itOfWorkers('is not ready while its workers may not look into the table', async () => {
    const { signalbox } = await start();
    chmodSync(signalbox.stateDir, 0o700);
    await expectNotReady(signalbox, /nginx does not serve generation 1/);
    expect((await signalbox.get('/user/ada/')).status).toBe(404);
    chmodSync(signalbox.stateDir, 0o711);
    await untilServed(signalbox);
    await signalbox.stop();
  });
}

describeEachSceneOnce('a proxy of which nothing is asked', ({ start, proxy }: Scene) => {
  cases(proxy, async () => {
    const backend = await startBackend();
    const signalbox = await start({ args: ['--no-pin', '--drain-timeout', '200ms'] });
    await signalbox.add('/user/ada', backend.url);
    const { stateDir } = signalbox;
    const pids = () => (proxy.driver === 'nginx' ? workers(stateDir) : [signalbox.proxyPid() as number]);
    return { signalbox, pids, routers: join(stateDir, 'traefik/dynamic/routes.yml') };
  });
});

describeEachSceneOnce('a sidecar of which nothing is asked', (scene: Scene) => {
  cases(scene.proxy, async () => {
    const backend = await startBackend();
    const stage = await (scene.proxy.driver === 'nginx' ? startNginxSidecar(scene) : startTraefikSidecar(scene));
    await stage.signalbox.add('/user/ada', backend.url);
    return stage;
  });
});

async function startNginxSidecar({ proxy }: Scene): Promise<Stage> {
  const pidFile = join(makeTempDir(), 'pid');
  const reload = ['--reload-command', `kill -HUP "$(cat '${pidFile}')"`];
  const { signalbox, nginx } = await startSidecar(proxy, () => [], true, reload);
  writeFileSync(pidFile, String(nginx.pid));
  return { signalbox, pids: () => descendants(nginx.pid).map(({ pid }) => pid), routers: '' };
}

async function startTraefikSidecar({ start, proxy }: Scene): Promise<Stage> {
  const home = makeTempDir();
  const dir = join(home, 'dynamic');
  mkdirSync(dir);
  const port = await freePort();
  const staticFile = join(home, 'traefik.yml');
  writeFileSync(
    staticFile,
    JSON.stringify({
      global: { checkNewVersion: false, sendAnonymousUsage: false },
      entryPoints: { web: { address: `127.0.0.1:${port}` } },
      providers: { providersThrottleDuration: '100ms', file: { directory: dir } },
    }),
  );
  const traefik: Child = startProcess(proxy.path, [`--configFile=${staticFile}`]);
  onCleanup(() => traefik.stop('SIGKILL'));
  const signalbox = await start({
    args: ['--no-managed', '--traefik-dir', dir, '--traefik-url', `http://127.0.0.1:${port}`],
  });
  const get: Signalbox['get'] = (target, headers = []) => rawRequest({ port, target, headers });
  return {
    signalbox: Object.assign(signalbox, { get }),
    pids: () => [traefik.pid],
    routers: join(dir, 'signalbox.yml'),
  };
}
