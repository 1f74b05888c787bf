import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseAll } from '../../support/cleanup.ts';
import { until } from '../../support/wait.ts';
import { describeEachProxy } from './each-proxy.ts';
import { type Hub, startHub } from './hub.ts';
import { openTerminal } from './terminal.ts';
import { welcome } from './user.ts';

/** More than a server takes to start on a busy machine: what starts is idle, too. */
const TIMEOUT_S = 12;

describeEachProxy('the idle culler', ['signalbox-beside', 'signalbox-chp', 'traefik-beside', 'chp'], (proxy) => {
  let hub: Hub;
  beforeAll(async () => {
    const command = ['python', '-m', 'jupyterhub_idle_culler', `--timeout=${TIMEOUT_S}`, '--cull-every=1'];
    const scopes = ['list:users', 'read:users:activity', 'read:servers', 'delete:servers'];
    hub = await startHub({
      proxy,
      settings: {
        'JupyterHub.services': [{ name: 'idle-culler', command }],
        'JupyterHub.load_roles': [{ name: 'culler', scopes, services: ['idle-culler'] }],
        // How often the Hub asks its proxy. What single-user servers say of themselves comes each 5 minutes: too late.
        'JupyterHub.last_activity_interval': 1,
      },
    });
  });
  afterAll(releaseAll);

  test('culls who is idle, not who sends requests, not who only types in a terminal', {
    timeout: 120_000,
  }, async () => {
    const [idle, reader, typist] = await Promise.all(['idle', 'reader', 'typist'].map((name) => hub.logIn(name)));
    if (!idle || !reader || !typist) throw new Error('three users');
    await idle.spawn();
    let reads = 0;
    let done = false;
    const read = async (server: URL) => {
      while (!done) {
        const answer = await reader.browser.fetch('GET', new URL(`files/${welcome.file}`, server));
        if (answer.status === 200) reads++;
        await delay(200);
      }
    };
    const type = async (server: URL) => {
      const terminal = await openTerminal(typist.browser, server);
      while (!done) {
        terminal.type(' ');
        await terminal.echoed();
        await delay(200);
      }
    };
    // Each from the moment on in which the server runs: the others take their time.
    const inUse = [read(await reader.spawn()), type(await typist.spawn())];
    await until(() => /Culling server idle/.test(hub.logs()), {
      timeout: 60_000,
      what: 'the idle server to be culled',
    });
    // Twice the timeout of steady use, on which nobody else may be culled.
    const since = Date.now();
    await until(() => Date.now() - since > 2 * TIMEOUT_S * 1000, {
      timeout: 60_000,
      interval: 200,
      what: 'time to pass',
    });
    done = true;
    await Promise.all(inUse);
    expect(reads).toBeGreaterThan(10);
    expect(hub.logs()).not.toMatch(/Culling server (reader|typist)/);
    expect(Object.keys(await reader.servers())).toEqual(['']);
    expect(Object.keys(await typist.servers())).toEqual(['']);
    expect(Object.keys(await idle.servers())).toEqual([]);
  });
});
