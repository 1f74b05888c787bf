import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { runCli, startCli } from './run-cli.ts';

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'signalbox routes', () => {
  let backend: Backend;
  let signalbox: Signalbox;
  let env: NodeJS.ProcessEnv;
  let dir: string;

  const run = (...argv: string[]) => runCli(['routes', ...argv], env);
  const table = async () => (await signalbox.api('GET', '/api/routes')).json<Record<string, { target: string }>>();

  beforeAll(async () => {
    backend = await startBackend();
    signalbox = await startSignalbox({ proxy: anyProxy(), args: ['--no-pin'] });
    env = { SIGNALBOX_API_URL: signalbox.apiUrl, SIGNALBOX_API_TOKEN: signalbox.token };
    dir = makeTempDir();
  });

  beforeEach(async () => {
    await signalbox.api('PUT', '/api/routes', {});
  });

  describe('add', () => {
    it('waits until the route is served, and keeps its data as JSON or text', async () => {
      const done = await run('add', '/user/ada', backend.url, '-d', 'n=7', '--data', 'name=Ada L.', '--data={}=x');
      expect(done).toEqual({ code: 0, out: '/user/ada added\n', err: '' });
      expect((await signalbox.get('/user/ada/status/200')).status).toBe(200);
      expect((await table())['/user/ada']).toMatchObject({ target: backend.url, n: 7, name: 'Ada L.', '{}': 'x' });
    });

    it('says whether the route was there', async () => {
      await run('add', 'user/ada/', backend.url);
      expect((await run('add', '/user/ada', backend.url)).out).toBe('/user/ada was there already\n');
      expect((await run('add', '/user/ada', 'http://127.0.0.1:9')).out).toBe('/user/ada changed\n');
    });

    it('takes names as they are listed, not percent-encoded', async () => {
      await run('add', '/user/we ird+%41@', backend.url);
      expect(Object.keys(await table())).toEqual(['/user/we ird+%41@']);
      expect(await run('get', '/user/we ird+%41@')).toMatchObject({ code: 0 });
    });

    it.each([
      [['add', '/a', 'nonsense'], 1, 'is no http, https or http+unix URL'],
      [['add', '/a/../b', 'http://127.0.0.1:9'], 1, 'contains a "." or ".." segment'],
      [['add', '/a'], 2, 'TARGET: found nothing, want '],
      [['add', '/a', 'http://127.0.0.1:9', 'b'], 2, '"b" is one word too many'],
      [['add', '/a', 'http://127.0.0.1:9', '--data', 'x'], 2, 'want KEY=VALUE'],
      [['add', '/a', 'http://127.0.0.1:9', '--dat', 'x'], 2, '--dat: is no option; did you mean --data?'],
    ])('%j is refused, and nothing is changed', async (argv, code, message) => {
      expect(await run(...argv)).toMatchObject({ code, err: expect.stringContaining(message) });
      expect(await table()).toEqual({});
    });
  });

  describe('get', () => {
    it('shows a route with its data, and nothing in it steers the terminal', async () => {
      await signalbox.add('/a', backend.url, { note: '\u001b[31m', n: { x: 1 } });
      const { out } = await run('get', '/a');
      expect(out).toMatch(/^route +\/a\n/);
      expect(out).toContain('\\u001b[31m');
      expect(out).toMatch(/^n +\{"x":1\}$/m);
      expect(JSON.parse((await run('get', '/a', '--json')).out)).toMatchObject({ n: { x: 1 } });
    });

    it('exits with 5 when there is no such route', async () => {
      expect(await run('get', '/none')).toMatchObject({ code: 5, out: '', err: expect.stringContaining('404') });
    });
  });

  describe('rm', () => {
    it('removes several in one step', async () => {
      for (const key of ['/a', '/b', '/c']) await signalbox.add(key, backend.url);
      expect(await run('rm', '/a', 'b/')).toMatchObject({ code: 0, out: '/a removed\n/b removed\n' });
      expect(Object.keys(await table())).toEqual(['/c']);
    });

    it('removes nothing when one is not there', async () => {
      await signalbox.add('/a', backend.url);
      const done = await run('rm', '/a', '/b');
      expect(done).toMatchObject({ code: 5, err: expect.stringContaining('there is no route /b') });
      expect(Object.keys(await table())).toEqual(['/a']);
    });
  });

  describe('export and import', () => {
    it('bring the whole table back, with data and last_activity, through a file that only its owner reads', async () => {
      await signalbox.add('/user/ada', backend.url, { user: 'ada', deep: [1, { a: null }] });
      await signalbox.add('/user/%E2%98%83', backend.url);
      const before = await table();
      const file = join(dir, 'routes.json');
      expect(await run('export', file)).toEqual({ code: 0, out: '', err: '' });
      expect(statSync(file).mode & 0o777).toBe(0o600);
      await signalbox.api('PUT', '/api/routes', {});
      const done = await run('import', file);
      expect(done.out).toContain('2 routes read: 2 added, 0 changed, 0 removed');
      expect(await table()).toEqual(before);
    });

    it('work through pipes', async () => {
      await signalbox.add('/a', backend.url);
      const { out } = await run('export');
      await run('rm', '/a');
      const done = await runCli(['routes', 'import', '--json'], env, { stdin: async () => out });
      expect(JSON.parse(done.out)).toEqual({ read: 1, added: 1, changed: 0, removed: 0 });
    });

    it('import keeps other routes unless it is told to replace the table', async () => {
      await signalbox.add('/own', backend.url);
      const file = join(dir, 'one.json');
      writeFileSync(file, JSON.stringify({ '/a': { target: backend.url } }));
      await run('import', file);
      expect(Object.keys(await table()).sort()).toEqual(['/a', '/own']);
      expect((await run('import', file, '--replace')).out).toContain('0 added, 0 changed, 1 removed');
      expect(Object.keys(await table())).toEqual(['/a']);
    });

    it('a dry run shows what would be done, and does nothing', async () => {
      await signalbox.add('/own', backend.url);
      await signalbox.add('/a', backend.url);
      const file = join(dir, 'dry.json');
      writeFileSync(file, JSON.stringify({ '/a': { target: 'http://127.0.0.1:1' }, '/b': { target: backend.url } }));
      expect((await run('import', file, '--dry-run')).out).toBe(`~ /a  http://127.0.0.1:1\n+ /b  ${backend.url}\n`);
      expect((await run('import', file, '--dry-run', '--replace')).out).toContain(`- /own  ${backend.url}\n`);
      expect(Object.keys(await table()).sort()).toEqual(['/a', '/own']);
    });

    it.each([
      ['[]', 'is not a JSON object from route to target'],
      ['', 'is empty'],
      ['{"/a": {"target": "http://127.0.0.1:1"}, ', 'is no JSON'],
      ['{"/a": {"target": "http://127.0.0.1:1"}, "/b": 7, "/c": {}}', '2 of 3 entries can not be taken'],
      ['{"/a": {"target": "http://127.0.0.1:1"}, "b": {"target": "x"}}', 'does not start with a slash'],
    ])('%s changes nothing', async (text, message) => {
      const file = join(dir, 'bad.json');
      writeFileSync(file, text);
      for (const flags of [[], ['--replace']]) {
        expect(await run('import', file, ...flags)).toMatchObject({ code: 1, err: expect.stringContaining(message) });
      }
      expect(await table()).toEqual({});
    });

    it('a file that cannot be read or written is named', async () => {
      expect(await run('import', join(dir, 'none'))).toMatchObject({ code: 2, err: expect.stringContaining('none') });
      expect(await run('export', join(dir, 'no/such'))).toMatchObject({
        code: 1,
        err: expect.stringContaining('no/such'),
      });
    });
  });

  describe('watch', () => {
    it('prints each change as it happens, until it is interrupted', async () => {
      const watching = startCli(['routes', 'watch', '--json', '--interval', '50ms'], env);
      await until(() => watching.printed.err.includes('watching 0 routes'), { what: 'the first look' });
      await signalbox.add('/a', backend.url, { user: 'ada' });
      await until(() => watching.printed.out.includes('"added"'), { what: 'the new route' });
      await signalbox.add('/a', 'http://127.0.0.1:9');
      await until(() => watching.printed.out.includes('"changed"'), { what: 'the changed route' });
      await signalbox.remove('/a');
      await until(() => watching.printed.out.includes('"removed"'), { what: 'the removed route' });
      watching.interrupt();
      expect((await watching.done).code).toBe(0);
      const lines = watching.printed.out.trim().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        { time: expect.any(String), event: 'added', route: '/a', data: expect.objectContaining({ user: 'ada' }) },
        { time: expect.any(String), event: 'changed', route: '/a', data: expect.anything() },
        { time: expect.any(String), event: 'removed', route: '/a', data: expect.anything() },
      ]);
    });

    it('prints nothing for a route that is only used', async () => {
      await signalbox.add('/a', backend.url);
      const watching = startCli(['routes', 'watch', '--interval', '50ms'], env);
      await until(() => watching.printed.err.includes('watching 1 routes'), { what: 'the first look' });
      await signalbox.get('/a/status/200');
      await signalbox.add('/b', backend.url);
      await until(() => watching.printed.out !== '', { what: 'a line' });
      watching.interrupt();
      await watching.done;
      expect(watching.printed.out).toMatch(/^\S+Z {2}\+ \/b {2}http\S+\n$/);
    });

    it('outlives a restart of Signalbox, and ends by SIGINT with 0', async () => {
      const watching = startProcess(process.execPath, [BIN, 'routes', 'watch', '--interval', '50ms'], { env });
      await watching.waitForOutput(/watching 0 routes/);
      await signalbox.stop();
      await watching.waitForOutput(/does not answer.*waiting for it/);
      await signalbox.restart();
      await watching.waitForOutput(/Signalbox is back/);
      await signalbox.add('/late', backend.url);
      await watching.waitForOutput(/\+ \/late/);
      expect(await watching.stop('SIGINT')).toEqual({ code: 0, signal: null });
    });
  });

  describe('an exit code', () => {
    it.each([
      ['3 when nobody answers', 3, async () => ({ ...env, SIGNALBOX_API_URL: `http://127.0.0.1:${await freePort()}` })],
      ['4 when the token is wrong', 4, async () => ({ ...env, SIGNALBOX_API_TOKEN: 'wrong' })],
      ['3 at the public side', 3, async () => ({ ...env, SIGNALBOX_API_URL: signalbox.url })],
      ['2 for an address that is none', 2, async () => ({ ...env, SIGNALBOX_API_URL: 'ftp://x' })],
    ])('is %s, with a hint', async (_, code, environment) => {
      const done = await runCli(['routes', 'add', '/x', backend.url], await environment());
      expect(done).toMatchObject({ code, out: '', err: expect.stringContaining('hint: ') });
    });

    it('is 6 when the proxy is gone', async () => {
      const pid = signalbox.proxyPid() as number;
      process.kill(pid, 'SIGSTOP');
      for (const worker of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)) {
        process.kill(Number(worker), 'SIGSTOP');
      }
      const done = run('add', '/x', backend.url);
      await until(async () => Object.hasOwn(await table(), '/x'), { what: 'the route to be stored' });
      // A change may be on its way for two seconds.
      const status = await until(
        async () => {
          const ran = await runCli(['status'], env);
          return ran.code === 0 ? undefined : ran;
        },
        { what: 'it to be not ready' },
      );
      for (const worker of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean)) {
        process.kill(Number(worker), 'SIGCONT');
      }
      process.kill(pid, 'SIGCONT');
      expect(status).toMatchObject({ code: 6, out: expect.stringMatching(/^not ready: /) });
      expect((await done).code).toBe(0);
    });
  });
});
