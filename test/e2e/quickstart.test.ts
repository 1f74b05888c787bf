import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { Visitor } from '../integration/dashboard/visitor.ts';
import { onCleanup } from '../support/cleanup.ts';
import { anyNginx, missingNginx } from '../support/nginx.ts';
import { freePort, isPortFree } from '../support/ports.ts';
import { type Child, runProcess, startProcess } from '../support/process.ts';
import { descendants, isAlive } from '../support/process-tree.ts';
import { rawRequest } from '../support/raw-http.ts';
import { describeIf } from '../support/skip.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { open } from '../support/ws-client.ts';

const root = resolve(import.meta.dirname, '../..');

interface Demo {
  readonly child: Child;
  readonly port: number;
  readonly apiPort: number;
  readonly dashboardPort: number;
  /** Everything that belongs to it now: npm, the demo, the daemon, nginx and its workers. */
  pids(): number[];
  /** The pid of its process with such a command line. */
  find(command: RegExp): number;
  /** Waits until nothing of it is left: no process, no port, no file. */
  gone(pids: readonly number[]): Promise<void>;
}

/** `npm run quickstart` as a user types it, in a process group of its own as a terminal would make it. */
async function startDemo(): Promise<Demo> {
  const folder = makeTempDir();
  const [port, apiPort, dashboardPort] = [await freePort(), await freePort(), await freePort()];
  const ports = { '--port': port, '--api-port': apiPort, '--dashboard-port': dashboardPort };
  const args = ['run', 'quickstart', '--', ...Object.entries(ports).flat().map(String)];
  const child = startProcess('npm', args, {
    cwd: root,
    detached: true,
    env: { TMPDIR: folder, SIGNALBOX_NGINX: anyNginx?.path },
  });
  const nginxPid = () => {
    const [demo = ''] = readdirSync(folder).filter((name) => name.startsWith('signalbox-demo-'));
    return Number(readFileSync(join(folder, demo, 'state/nginx/nginx.pid'), 'utf8'));
  };
  const pids = () => {
    const own = [child.pid, nginxPid()];
    return [...own, ...own.flatMap((pid) => descendants(pid).map((one) => one.pid))];
  };
  onCleanup(async () => {
    if (child.exit()) return;
    child.kill('SIGTERM');
    await child.exited;
  });
  await child.waitForOutput(/Ctrl-C stops it/, 60_000);
  return {
    child,
    port,
    apiPort,
    dashboardPort,
    pids,
    find(command) {
      const found = descendants(child.pid).find((one) => command.test(one.command));
      if (!found) throw new Error(`no process ${command}`);
      return found.pid;
    },
    async gone(all) {
      const left = () => all.filter(isAlive);
      await until(() => left().length === 0, { timeout: 20_000, what: 'all processes of the demo to end' }).catch(
        (error: Error) => {
          throw new Error(`${error.message}; left: ${left()}\n${child.output()}`);
        },
      );
      for (const one of Object.values(ports)) expect(await isPortFree(one), `port ${one} is free`).toBe(true);
      // npm keeps a cache of its own there, which is not ours to remove.
      expect(readdirSync(folder).filter((name) => name.startsWith('signalbox'))).toEqual([]);
    },
  };
}

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'the quickstart', () => {
  let demo: Demo;
  let socket: WebSocket;
  let closed: number | undefined;
  let latest: Record<string, number | string | number[] | undefined> = {};

  beforeAll(async () => {
    demo = await startDemo();
    socket = await open(`ws://127.0.0.1:${demo.port}/live`);
    socket.on('message', (data) => {
      latest = JSON.parse(String(data));
    });
    socket.on('close', (code) => {
      closed = code;
    });
  }, 90_000);

  test('serves its page and all that belongs to it through nginx', async () => {
    for (const [path, type] of [
      ['/', 'text/html'],
      ['/style.css', 'text/css'],
      ['/page.js', 'text/javascript'],
    ] as const) {
      const answer = await rawRequest({ port: demo.port, target: path });
      expect(answer.status).toBe(200);
      expect(answer.header('content-type')).toContain(type);
      // Self-contained: nothing is loaded from elsewhere.
      expect(answer.text()).not.toMatch(/(src|href|url\()\s*=?\s*["'(]?https?:/);
    }
  });

  test('prints lines with curl that work as they stand', async ({ skip }) => {
    const { code } = await runProcess('curl', ['--version']);
    skip(code !== 0, 'curl is not on this machine');
    const lines = demo.child.output().match(/^ *curl .*$/gm) ?? [];
    expect(lines).toHaveLength(3);
    const [add = '', list = '', remove = ''] = lines;
    const shell = (line: string) => runProcess('sh', ['-c', line]);
    const visit = () => rawRequest({ port: demo.port, target: '/user/you/' });

    expect((await shell(add)).stdout).toMatch(/^HTTP\/1\.1 201 /);
    expect((await visit()).text()).toContain('you asked for /user/you/');
    expect(JSON.parse((await shell(list)).stdout)).toHaveProperty('/user/you');
    expect((await shell(remove)).stdout).toMatch(/^HTTP\/1\.1 204 /);
    expect((await visit()).status).toBe(404);
  });

  test('has a dashboard, for whoever has the token that stands beside its URL, with something to show', async () => {
    const [, url = '', token = ''] = /^ *(http:\S+signalbox\/)\n *(\w+)$/m.exec(demo.child.output()) ?? [];
    const visitor = new Visitor(url);
    expect((await visitor.signIn({ token })).status).toBe(303);
    expect((await visitor.open()).status).toBe(200);
    expect(await visitor.me()).toMatchObject({ name: 'operator', mayOperate: true, viewOnly: null });
    const route = async (name: string) =>
      (await visitor.get(`traffic/route?key=/user/${name}`)).json<{ route: Record<string, number | null> }>().route;
    await until(async () => Number((await route('ada')).open) >= 2 && Number((await route('ada')).requests) > 0, {
      timeout: 30_000,
      what: 'websockets and requests of ada',
    });
    await until(async () => Number((await route('barbara')).serverErrors) > 0, {
      timeout: 30_000,
      what: 'answers of 5xx',
    });
    await until(async () => Number((await route('edsger')).unreachable) > 0, { timeout: 30_000, what: 'no answers' });
    expect((await route('margaret')).minutes).toBeNull();
    expect((await visitor.get('traffic/people?q=ada')).json()).toMatchObject({
      rows: [{ user: 'ada', serverCount: 2 }],
    });
  });

  test('changes routes all the time without a reload, a wrong answer, or a break of the websocket', async () => {
    const enough = () => Number(latest.changes) > 300 && latest.reloads !== undefined;
    await until(enough, { timeout: 60_000, what: '300 changes' });
    expect(latest).toMatchObject({ reloads: 0, wrong: 0, failed: 0 });
    expect(Number(latest.routes)).toBeGreaterThan(10);
    expect(Number(latest.p50)).toBeGreaterThan(0);
    expect(Number(latest.p99)).toBeGreaterThanOrEqual(Number(latest.p50));
    expect(latest.lamps).toMatch(/^[0-9a-f]{100}$/);
    expect(closed).toBeUndefined();
  });

  test('leaves nothing behind after Ctrl-C', async () => {
    const pids = demo.pids();
    expect(pids.length).toBeGreaterThan(4);
    // As a terminal does it: to the whole group.
    process.kill(-demo.child.pid, 'SIGINT');
    await demo.gone(pids);
    // How npm itself ends then differs from version to version, and from shell to shell.
    await demo.child.exited;
    expect(demo.child.output()).toMatch(/Stopping\.\n/);
    expect(closed).toBe(1001);
  });
});

describeIf(anyNginx, `no nginx: ${missingNginx}`, 'a quickstart in trouble', () => {
  test('says why and cleans up when Signalbox dies', async () => {
    const demo = await startDemo();
    const pids = demo.pids();
    process.kill(demo.find(/signalbox\.js serve/), 'SIGKILL');
    await demo.gone(pids);
    expect((await demo.child.exited).code).not.toBe(0);
    expect(demo.child.output()).toContain('Signalbox has ended by itself (killed by SIGKILL). Its last lines:');
  });

  test('says why and cleans up when the dashboard dies', async () => {
    const demo = await startDemo();
    const pids = demo.pids();
    process.kill(demo.find(/signalbox\.js dashboard/), 'SIGKILL');
    await demo.gone(pids);
    expect((await demo.child.exited).code).not.toBe(0);
    expect(demo.child.output()).toContain('The dashboard has ended by itself (killed by SIGKILL). Its last lines:');
  });

  test('leaves nothing behind when its own start script is killed', async () => {
    const demo = await startDemo();
    const pids = demo.pids();
    process.kill(demo.find(/^node\S* scripts\/quickstart\.mjs/), 'SIGKILL');
    await demo.gone(pids);
  });
});

describe('the command line of the quickstart', () => {
  const run = (...args: string[]) => runProcess(process.execPath, ['scripts/quickstart.mjs', ...args], { cwd: root });

  test('names a taken port and its flag before anything is started', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    onCleanup(() => server.close());
    const port = await until(() => (server.address() as { port: number } | null)?.port, { what: 'a port' });
    const free = String(await freePort());
    const taken = await run('--port', String(port), '--api-port', free);
    expect(taken.code).toBe(1);
    expect(taken.output).toContain(`Port ${port} is in use already: choose another one with --port`);
    for (const flag of ['--api-port', '--dashboard-port']) {
      const { output } = await run('--port', free, flag, String(port));
      expect(output).toContain(`Port ${port} is in use already: choose another one with ${flag}`);
    }
  });

  test('explains itself, and refuses what it does not know', async () => {
    expect(await run('--help')).toMatchObject({ code: 0, stdout: expect.stringContaining('--api-port') });
    expect(await run('--prot', '1')).toMatchObject({ code: 1, stderr: expect.stringContaining("'--prot'") });
    expect(await run('--port', '9000', '--dashboard-port', '9001')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('--api-port and --dashboard-port are both 9001'),
    });
    expect(await run('--port', 'x')).toMatchObject({ code: 1, stderr: expect.stringContaining('--port x is no port') });
  });
});
