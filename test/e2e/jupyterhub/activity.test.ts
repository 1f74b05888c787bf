import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onCleanup, releaseAll } from '../../support/cleanup.ts';
import { until } from '../../support/wait.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';

/** Idle for so long a server is culled: more than the interval of the probe (10 s) and of the Hub's own looks. */
const IDLE_SECONDS = 20;

describeEachProxy('idle culling', ['signalbox-beside', 'signalbox-chp', 'chp'], (proxy) => {
  let hub: Hub;
  beforeAll(async () => {
    const command = ['python', '-m', 'jupyterhub_idle_culler', `--timeout=${IDLE_SECONDS}`, '--cull-every=1'];
    const scopes = ['list:users', 'read:users:activity', 'read:servers', 'delete:servers'];
    hub = await startHub({
      proxy,
      settings: {
        'JupyterHub.services': [{ name: 'idle-culler', command }],
        'JupyterHub.load_roles': [{ name: 'culler', scopes, services: ['idle-culler'] }],
        // The Hub asks the proxy each five minutes unless told otherwise.
        'JupyterHub.last_activity_interval': 2,
      },
    });
  });
  afterAll(releaseAll);

  test('takes the server of who is idle; not of who asks for pages, nor of who only types in a terminal', async () => {
    const [typist, reader, idler] = await Promise.all(['tim', 'rita', 'ida'].map((name) => hub.logIn(name)));
    if (!typist || !reader || !idler) throw new Error('nobody logged in');
    const runs = async (user: typeof idler) => '' in (await user.servers());

    const terminals = await typist.spawn();
    const { name } = (await typist.browser.fetch('POST', new URL('api/terminals', terminals), {})).json<{
      name: string;
    }>();
    const terminal = await typist.browser.openWebSocket(new URL(`terminals/websocket/${name}`, terminals));
    const heard: string[] = [];
    terminal.on('message', (data) => heard.push(data.toString()));
    const typing = setInterval(() => terminal.send(JSON.stringify(['stdin', 'echo typed\r'])), 1_000);
    onCleanup(() => clearInterval(typing));
    const typedSince = Date.now();

    const files = await reader.spawn();
    const reading = setInterval(
      () => void reader.browser.fetch('GET', new URL('api/status', files)).catch(() => 0),
      1_000,
    );
    onCleanup(() => clearInterval(reading));

    await idler.spawn();
    await until(async () => !(await runs(idler)), {
      timeout: 90_000,
      interval: 500,
      what: 'the idle server to be culled',
    });
    expect(hub.logs()).toContain('Culling server ida');
    // Both had their last other sign of life long ago.
    await delay(Math.max(0, typedSince + 2 * IDLE_SECONDS * 1_000 - Date.now()));
    expect([await runs(typist), await runs(reader)]).toEqual([true, true]);
    expect(heard.some((text) => text.includes('typed'))).toBe(true);
    expect(terminal.readyState).toBe(terminal.OPEN);
  });
});
