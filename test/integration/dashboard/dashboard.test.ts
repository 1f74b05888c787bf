import { once } from 'node:events';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StatusReport } from '../../../src/api/schemas.ts';
import type { Events, Traffic, TrafficRoutes } from '../../../src/api/traffic/schemas.ts';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import type { HeaderPairs } from '../../support/http-response.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { runProcess, startProcess } from '../../support/process.ts';
import { anyProxy, proxyFlags } from '../../support/proxies.ts';
import { connect, rawRequest } from '../../support/raw-http.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { startDashboard, stopDashboards } from './scene.ts';
import { Visitor } from './visitor.ts';

const READ = 'the-token-that-only-reads';

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'the dashboard beside a daemon', () => {
  let signalbox: Signalbox;
  const withToken = (more: Partial<Parameters<typeof startDashboard>[0]> = {}) => {
    const { env, ...rest } = more;
    return startDashboard({ api: signalbox.apiUrl, env: { SIGNALBOX_API_TOKEN: signalbox.token, ...env }, ...rest });
  };

  beforeAll(async () => {
    signalbox = await startSignalbox({ proxy: anyProxy(), args: ['--no-pin'], env: { SIGNALBOX_READ_TOKEN: READ } });
  });

  afterEach(stopDashboards);

  it('shows whoever has signed in what the daemon says, and nothing to others', async () => {
    const dashboard = await withToken();
    const [ada, stranger] = [dashboard.visitor(), dashboard.visitor()];
    expect((await stranger.open()).header('location')).toBe('/signalbox/sign-in');
    expect((await stranger.get('status')).status).toBe(401);
    expect((await ada.signIn({ token: signalbox.token })).status).toBe(303);
    const page = await ada.open();
    expect(page.text()).toMatch(/<script type="module" src="assets\/page-[A-Z0-9]+\.js" integrity="sha384-/);
    expect(await ada.me()).toMatchObject({
      name: 'operator',
      login: 'token',
      mayOperate: true,
      viewOnly: null,
      hub: null,
    });

    await signalbox.add('/user/ada', 'http://127.0.0.1:9', { user: 'ada' });
    expect((await ada.get('status')).json<StatusReport>()).toMatchObject({ driver: 'nginx', proxy: { up: true } });
    expect((await ada.get('traffic')).json<Traffic>().now.routes).toBeGreaterThan(0);
    const rows = (await ada.get('traffic/routes?q=ada')).json<TrafficRoutes>().rows;
    expect(rows).toMatchObject([{ key: '/user/ada', kind: 'user', user: 'ada' }]);
    expect((await ada.get('traffic/route?key=%2Fuser%2Fada')).status).toBe(200);
    expect((await ada.get('traffic/route?key=%2Fnone')).status).toBe(404);
    expect((await ada.get('traffic/people')).status).toBe(200);
    expect((await ada.get('events?after=0')).status).toBe(200);

    // The script is what was built, and compressed then.
    const [, script] = /src="(assets\/[^"]+)"/.exec(page.text()) ?? [];
    const asset = await rawRequest({
      port: dashboard.port,
      target: `/signalbox/${script}`,
      headers: [['Accept-Encoding', 'br']],
    });
    expect([asset.status, asset.header('content-encoding')]).toEqual([200, 'br']);
  });

  it('does not tell wrong tokens from right ones too often, and says nothing of them in any log', async () => {
    const dashboard = await withToken();
    const visitor = dashboard.visitor();
    expect((await visitor.signIn({ token: signalbox.token }, 'http://evil.example')).status).toBe(403);
    for (let tries = 0; tries < 5; tries++) {
      expect((await visitor.signIn({ token: 'a-wrong-guess' })).status).toBe(403);
    }
    expect((await visitor.signIn({ token: signalbox.token })).status).toBe(429);
    expect(visitor.cookie).toBe('');
    const other = await withToken();
    const ada = other.visitor();
    await ada.signIn({ token: signalbox.token });
    await ada.open();
    await ada.act('actions/verify');
    await ada.act('log-out');
    expect((await ada.get('me')).status).toBe(401);
    const logs = dashboard.child.output() + other.child.output() + signalbox.logs();
    expect(logs).toContain('a try to sign in was refused');
    for (const secret of [signalbox.token, READ, 'a-wrong-guess', ada.token, ada.cookie.split('=')[1] ?? '']) {
      expect(secret.length).toBeGreaterThan(8);
      expect(logs).not.toContain(secret);
    }
  });

  it('acts for those who may, and log and events say who it was', async () => {
    const backend = await startBackend({});
    const dashboard = await withToken();
    const ada = dashboard.visitor();
    await ada.signIn({ token: signalbox.token });
    await ada.open();

    expect((await ada.act('actions/verify')).json()).toMatchObject({ wanted: expect.any(Number) });
    // To the letter: names in any order, and a target with a secret in it.
    const data = { zeta: 1, user: 'bob', alpha: { b: [1.5e300, null], a: 'ü' } };
    const target = backend.url.replace('http://', 'http://u:hunter2@');
    await signalbox.api('POST', '/api/routes/user/bob', { ...data, target });
    const before = (await signalbox.api('GET', '/api/routes/user/bob')).text();
    const checked = await ada.act('actions/check-target', { key: '/user/bob' });
    expect(checked.json()).toMatchObject({ key: '/user/bob', reachable: true });

    const removed = await ada.act('actions/remove-route', { key: '/user/bob' });
    const { undo } = removed.json<{ undo: string }>();
    expect([removed.status, undo]).toEqual([200, expect.any(String)]);
    expect((await signalbox.api('GET', '/api/routes/user/bob')).status).toBe(404);
    const thief = dashboard.visitor();
    await thief.signIn({ token: signalbox.token });
    await thief.open();
    expect((await thief.act('actions/restore-route', { undo })).status, 'with the undo of another session').toBe(404);
    expect((await ada.act('actions/restore-route', { undo })).json()).toEqual({});
    expect((await signalbox.api('GET', '/api/routes/user/bob')).text()).toBe(before);
    expect((await ada.act('actions/restore-route', { undo })).status, 'twice').toBe(404);

    for (const key of ['/', '/signalbox']) {
      expect((await ada.act('actions/remove-route', { key })).json()).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect((await ada.act('actions/remove-route', { key: '/none' })).status).toBe(404);
    expect((await ada.act('actions/remove-route', { key: '/user/../user/bob' })).status).toBe(400);
    expect((await ada.act('actions/remove-route', {})).status).toBe(400);

    const done = /"action":"remove-route","actor":"operator","key":"\/user\/bob","before":"http:\/\/127\.0\.0\.1:\d+/;
    expect(dashboard.child.output()).toMatch(done);
    expect(dashboard.child.output() + signalbox.logs()).not.toContain('hunter2');
    const { events } = (await ada.get('events?after=0')).json<Events>();
    const ofAda = events.filter(({ actor }) => actor === 'operator via dashboard');
    expect(ofAda.map(({ kind, key }) => [kind, key])).toEqual(
      expect.arrayContaining([
        ['action', '/user/bob'],
        ['change', '/user/bob'],
      ]),
    );
    expect(signalbox.logs()).toContain('operator via dashboard');
  });

  it('leaves alone what somebody has put in the place of a removed route', async () => {
    const dashboard = await withToken();
    const ada = dashboard.visitor();
    await ada.signIn({ token: signalbox.token });
    await ada.open();
    await signalbox.api('POST', '/api/routes/user/cy', { target: 'http://127.0.0.1:1' });
    const { undo } = (await ada.act('actions/remove-route', { key: '/user/cy' })).json<{ undo: string }>();
    await signalbox.api('POST', '/api/routes/user/cy', { target: 'http://127.0.0.1:2' });
    expect((await ada.act('actions/restore-route', { undo })).status).toBe(403);
    expect((await signalbox.api('GET', '/api/routes/user/cy')).json()).toMatchObject({ target: 'http://127.0.0.1:2' });
  });

  it('with the read token alone shows all and changes nothing, whoever signs in', async () => {
    const dashboard = await startDashboard({ api: signalbox.apiUrl, env: { SIGNALBOX_READ_TOKEN: READ } });
    const visitor = dashboard.visitor();
    expect((await visitor.signIn({ token: signalbox.token })).status, 'a token that it does not know').toBe(403);
    expect((await visitor.signIn({ token: READ })).status).toBe(303);
    await visitor.open();
    expect((await visitor.get('traffic')).status).toBe(200);
    expect(await visitor.me()).toMatchObject({ mayOperate: false, viewOnly: expect.stringContaining('read token') });
    await signalbox.api('POST', '/api/routes/user/dot', { target: 'http://127.0.0.1:1' });
    for (const [action, body] of [
      ['verify', {}],
      ['check-target', { key: '/user/dot' }],
      ['remove-route', { key: '/user/dot' }],
      ['restore-route', { undo: 'x' }],
    ] as const) {
      expect((await visitor.act(`actions/${action}`, body)).status, action).toBe(403);
    }
    expect((await signalbox.api('GET', '/api/routes/user/dot')).status).toBe(200);
  });

  it('with both tokens lets the one look and the other act', async () => {
    const dashboard = await withToken({ env: { SIGNALBOX_READ_TOKEN: READ } });
    const [reader, operator] = [dashboard.visitor(), dashboard.visitor()];
    await reader.signIn({ token: READ });
    await operator.signIn({ token: signalbox.token });
    await reader.open();
    await operator.open();
    expect(await reader.me()).toMatchObject({ name: 'viewer', mayOperate: false });
    expect((await reader.act('actions/verify')).status).toBe(403);
    expect(await operator.me()).toMatchObject({ name: 'operator', mayOperate: true });
    expect((await operator.act('actions/verify')).status).toBe(200);
  });

  it('takes passwords of a file, whose lines it makes itself', async () => {
    const hash = await runProcess(
      'bash',
      ['-c', `printf %s "$PASSWORD" | '${process.execPath}' '${BIN}' dashboard --hash-password`],
      { env: { PASSWORD: 'correct horse battery' } },
    );
    expect(hash).toMatchObject({ code: 0, stdout: expect.stringMatching(/^scrypt\$\d+\$8\$3\$\S+\n$/) });
    const file = join(makeTempDir(), 'passwords');
    writeFileSync(file, `ada:operate:${hash.stdout}bob:view:${hash.stdout}`, { mode: 0o600 });
    const dashboard = await withToken({ args: ['--login', 'password', '--password-file', file] });
    const [ada, bob] = [dashboard.visitor(), dashboard.visitor()];
    expect((await ada.signIn({ name: 'ada', password: 'correct horse batterY' })).status).toBe(403);
    await ada.signIn({ name: 'ada', password: 'correct horse battery' });
    await bob.signIn({ name: 'bob', password: 'correct horse battery' });
    await ada.open();
    await bob.open();
    expect((await ada.act('actions/verify')).status).toBe(200);
    expect((await bob.act('actions/verify')).status).toBe(403);
    expect((await bob.get('traffic')).status).toBe(200);
    expect(dashboard.child.output()).not.toContain('correct horse');
  });

  it('goes on while the daemon is away, and says so', async () => {
    const own = await startSignalbox({ proxy: anyProxy(), args: ['--no-pin'] });
    const dashboard = await startDashboard({ api: own.apiUrl, env: { SIGNALBOX_API_TOKEN: own.token } });
    const ada = dashboard.visitor();
    await ada.signIn({ token: own.token });
    await ada.open();
    expect((await ada.get('status')).status).toBe(200);
    await own.stop();
    const away = await until(
      async () => {
        const answer = await ada.get('status');
        return answer.status === 503 && answer;
      },
      { what: 'the dashboard to say that the daemon is away' },
    );
    expect(away.json()).toMatchObject({
      message: expect.stringMatching(/^The (daemon|connection)/),
      code: 'API_UNREACHABLE',
    });
    expect((await ada.open()).status).toBe(200);
    await own.restart();
    await until(async () => (await ada.get('status')).status === 200, { what: 'the daemon to be seen again' });
    expect(dashboard.child.output()).toContain('the daemon answers again');
  });

  it('starts without the daemon, and answers before that does', async () => {
    const dashboard = await startDashboard({
      api: `http://127.0.0.1:${await freePort()}`,
      args: ['--login', 'none'],
    });
    const visitor = dashboard.visitor();
    expect((await visitor.open()).status).toBe(200);
    expect(await visitor.me()).toMatchObject({ name: 'anybody', login: 'none', mayOperate: false });
    expect((await visitor.get('status')).status).toBe(503);
  });

  it('ends at once when it is told to, whoever is connected', { retry: 1 }, async () => {
    const dashboard = await withToken();
    const slow = connect({ port: dashboard.port });
    slow.on('error', () => {});
    await once(slow, 'connect');
    slow.write('GET /signalbox/ HTTP/1.1\r\n');
    const started = Date.now();
    expect(await dashboard.child.stop('SIGTERM', 5_000)).toEqual({ code: 0, signal: null });
    // A Hub that ends waits for its services.
    expect(Date.now() - started).toBeLessThan(1_000);
  });

  it('works behind the proxy as one of its routes, which it does not remove', async () => {
    const publicUrl = `${signalbox.url}/signalbox/`;
    const dashboard = await withToken({ args: ['--public-url', publicUrl] });
    await signalbox.add('/signalbox', `http://127.0.0.1:${dashboard.port}`);
    const ada = new Visitor(publicUrl);
    expect((await ada.open()).header('location')).toBe('/signalbox/sign-in');
    expect((await ada.signIn({ token: signalbox.token })).status).toBe(303);
    const page = await ada.open();
    expect(page.header('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(await ada.me()).toMatchObject({ mayOperate: true, ownRoute: '/signalbox' });
    expect((await ada.act('actions/verify')).status).toBe(200);
    expect((await ada.act('actions/remove-route', { key: '/signalbox' })).status).toBe(403);
    // Whose tries they are the proxy says: one who tries them all does not keep others out.
    const from = (address: string): HeaderPairs => [['X-Forwarded-For', address]];
    const direct = dashboard.visitor();
    for (let tries = 0; tries < 6; tries++) await direct.signIn({ token: 'wrong' }, undefined, from('192.0.2.1'));
    expect((await direct.signIn({ token: signalbox.token }, undefined, from('192.0.2.1'))).status).toBe(429);
    expect((await direct.signIn({ token: signalbox.token }, undefined, from('192.0.2.2'))).status).toBe(303);
    await signalbox.remove('/signalbox');
  });

  it('gives its cookie to https alone where that is in front', async () => {
    const args = ['--public-url', 'https://ops.example/', '--prefix', '/'];
    const dashboard = await withToken({ args, prefix: '/' });
    const answer = await dashboard.visitor().signIn({ token: signalbox.token }, 'https://ops.example');
    expect(answer.header('set-cookie')).toMatch(
      /^__Host-signalbox-session=\S+; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('asks the daemon over a socket, and listens on one for a proxy that says who it is', async () => {
    const folder = makeTempDir();
    const [api, own] = [join(folder, 'api.sock'), join(folder, 'dashboard.sock')];
    const state = ['--state-dir', join(folder, 'state'), '--public', `127.0.0.1:${await freePort()}`];
    const serve = [BIN, 'serve', '--api-socket', api, ...state, ...proxyFlags(anyProxy())];
    const daemon = startProcess(process.execPath, serve, { env: { SIGNALBOX_API_TOKEN: 'of-a-socket' } });
    // It takes its nginx along.
    onCleanup(() => daemon.exit() ?? daemon.stop());
    await daemon.waitForOutput(/API listens/, 30_000);
    const args = ['--listen-socket', own, '--login', 'header', '--login-header', 'X-Remote-User'];
    const flags = ['dashboard', '--api', api, ...args];
    const child = startProcess(process.execPath, [BIN, ...flags], { env: { SIGNALBOX_API_TOKEN: 'of-a-socket' } });
    await child.waitForOutput(/dashboard listens/, 20_000);
    expect(statSync(own).mode & 0o777).toBe(0o660);
    const send = (target: string, headers: HeaderPairs) => rawRequest({ socketPath: own, target, headers });
    const user: HeaderPairs = [
      ['X-Remote-User', 'ada'],
      ['Host', 'ops.example'],
    ];
    const navigation: HeaderPairs = [
      ['Sec-Fetch-Mode', 'navigate'],
      ['Sec-Fetch-Dest', 'document'],
    ];
    const first = await send('/signalbox/', [...user, ...navigation]);
    const cookie: HeaderPairs = [['Cookie', first.header('set-cookie')?.split(';')[0] ?? '']];
    const page = await send('/signalbox/', [...user, ...navigation, ...cookie]);
    const [, token = ''] = /name="signalbox-page" content="([^"]+)"/.exec(page.text()) ?? [];
    const status = await send('/signalbox/api/status', [...user, ...cookie, ['signalbox-page', token]]);
    expect([status.status, status.json()]).toEqual([200, expect.objectContaining({ driver: 'nginx' })]);
    expect((await send('/signalbox/', navigation)).status).toBe(403);
    await child.stop();
    expect(existsSync(own)).toBe(false);
  });

  describe('refuses to start', () => {
    it.each([
      [['--listen', ':0'], 'others would read passwords and cookies'],
      [['--login', 'none', '--public-url', 'https://ops.example/'], 'is for loopback alone'],
      [['--login', 'password'], 'needs --password-file'],
      [['--login', 'guess'], 'want one of token, password, header, none'],
      [['--token', 'secret-on-the-command-line'], 'the token goes into SIGNALBOX_API_TOKEN'],
    ])('with %j', async (args, message) => {
      const { code, stderr } = await runProcess(process.execPath, [BIN, 'dashboard', ...args], {
        env: { SIGNALBOX_API_TOKEN: 'x' },
      });
      expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
      expect(stderr).not.toContain('secret-on');
    });
  });
});
