import { userInfo } from 'node:os';
import { expect, it } from 'vitest';
import type { Event, Events, TargetChecked, Verified } from '../../src/api/traffic/schemas.ts';
import { startBackend } from '../support/backend.ts';
import type { Signalbox } from '../support/signalbox.ts';
import { until } from '../support/wait.ts';
import { runCli } from './cli/run-cli.ts';
import { describeEachSceneOnce } from './scene.ts';

async function eventsOf(signalbox: Signalbox): Promise<readonly Event[]> {
  return (await signalbox.api('GET', '/events')).json<Events>().events;
}

/** Waits for an event, and returns it. */
async function untilEvent(signalbox: Signalbox, kind: Event['kind'], text: RegExp): Promise<Event> {
  const find = async () => (await eventsOf(signalbox)).find((event) => event.kind === kind && text.test(event.text));
  return await until(find, { what: `the event ${kind} ${text}` });
}

describeEachSceneOnce('what happens', ({ proxy, start }) => {
  it('is told in the order in which it did, with who did it', async () => {
    const signalbox = await start();
    const env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: signalbox.token };
    const { url } = await startBackend();
    await signalbox.api('POST', '/api/routes/user/ada', { target: url.replace('//', '//u:secret@') }, [
      ['Signalbox-Actor', 'ada via dashboard'],
    ]);
    await runCli(['routes', 'add', '/docs', url], env);
    await runCli(['routes', 'rm', '/docs'], env);
    const by = `${userInfo().username} via signalbox`;
    const events = await eventsOf(signalbox);
    expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => index + 1));
    expect(events.filter(({ kind }) => kind === 'start').map(({ text }) => text)).toEqual([
      expect.stringMatching(/^Signalbox .* started with 0 routes$/),
      `${proxy.driver === 'nginx' ? 'nginx' : 'Traefik'} started`,
    ]);
    const shown = events.filter(({ kind }) => kind === 'change').map(({ actor, key, text }) => [actor, key, text]);
    expect(shown).toEqual([
      ['ada via dashboard', '/user/ada', `Route added /user/ada -> ${url}/`],
      [by, '/docs', `Route added /docs -> ${url}`],
      [by, '/docs', 'Route removed /docs'],
    ]);
    expect(signalbox.logs()).toContain('"actor":"ada via dashboard"');
    expect(JSON.stringify(events)).not.toContain('secret');
  }, 60_000);

  it('to the proxy is told, and what became of it', async () => {
    const signalbox = await start();
    process.kill(signalbox.proxyPid() as number, 'SIGKILL');
    await untilEvent(signalbox, 'restart', /restarted$/);
    await untilEvent(signalbox, 'failure', /./);
    signalbox.kill('SIGHUP');
    await untilEvent(signalbox, 'drift', /SIGHUP$/);
  }, 60_000);

  it('when somebody wants to know whether all is served is an answer and an event', async () => {
    const signalbox = await start();
    const { url, port } = await startBackend();
    await signalbox.add('/user/ada', url);
    const ask = (path: string, body?: unknown) => signalbox.api('POST', path, body, [['Signalbox-Actor', 'ada']]);
    const verified = await ask('/verify');
    const { wanted, served } = verified.json<Verified>();
    expect([verified.status, served]).toEqual([200, wanted]);
    expect(await untilEvent(signalbox, 'drift', /verify$/)).toMatchObject({ level: 'info' });
    expect(await untilEvent(signalbox, 'action', /^Verified: the proxy serves generation/)).toMatchObject({
      actor: 'ada',
    });
    const checked = (await ask('/check-target', { key: '/user/ada' })).json<TargetChecked>();
    expect(checked).toMatchObject({ reachable: true, address: `127.0.0.1:${port}` });
    expect(await untilEvent(signalbox, 'action', /took a connection/)).toMatchObject({
      actor: 'ada',
      key: '/user/ada',
    });
  }, 60_000);
});

describeEachSceneOnce(
  'a token that only reads',
  ({ start }) => {
    it('sees all and does nothing, and is in no log', async () => {
      const read = 'a-token-that-only-reads';
      const signalbox = await start({ env: { SIGNALBOX_READ_TOKEN: read } });
      await signalbox.add('/user/ada', 'http://127.0.0.1:9');
      const env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: read };
      expect(await runCli(['routes', 'list'], env)).toMatchObject({
        code: 0,
        out: expect.stringContaining('/user/ada'),
      });
      expect((await runCli(['status'], env)).code).toBe(0);
      const refused = await runCli(['routes', 'rm', '/user/ada'], env);
      expect(refused.code).not.toBe(0);
      expect(refused.err).toContain('this token only reads');
      expect((await signalbox.api('GET', '/api/routes/user/ada')).status).toBe(200);
      expect(signalbox.logs()).not.toContain(read);
    }, 60_000);
  },
  ['nginx'],
);
