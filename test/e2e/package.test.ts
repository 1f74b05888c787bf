import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { Visitor } from '../integration/dashboard/visitor.ts';
import { startBackend } from '../support/backend.ts';
import { freePort } from '../support/ports.ts';
import { runProcess, startProcess } from '../support/process.ts';
import { describeEachProxyOnce } from '../support/proxies.ts';
import { rawRequest } from '../support/raw-http.ts';
import { startSignalbox } from '../support/signalbox.ts';
import { makeTempDir } from '../support/tmp.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const npm = (args: string[], cwd: string) =>
  // npm itself runs on the node that runs the tests; the installed command finds the same one.
  runProcess('npm', args, { cwd, env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` } });

/** The files of a bundle, with all that they need at once. */
function withStaticImports(dist: string, names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(join(dist, name), 'utf8');
    const imported = [...text.matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)].map(([, file = '']) => file);
    withStaticImports(dist, imported, found);
  }
  return found;
}

describe('the package that npm pack makes', () => {
  let bin: string;

  beforeAll(async () => {
    const dir = makeTempDir();
    const packed = await npm(['pack', '--silent', '--pack-destination', dir], ROOT);
    expect(packed.stderr, 'npm pack').not.toMatch(/error/i);
    const file = join(dir, packed.stdout.trim().split('\n').at(-1) as string);
    const prefix = join(dir, 'prefix');
    const installed = await npm(['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', file], dir);
    expect(installed.code, installed.stderr).toBe(0);
    bin = join(prefix, 'bin', 'signalbox');
  }, 180_000);

  it('has a signalbox command that knows its version and its options', async () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect((await runProcess(bin, ['--version'])).stdout.trim()).toBe(version);
    expect((await runProcess(bin, ['serve', '--help'])).stdout).toContain('--state-dir');
  });

  it('has a dashboard, with its page', async () => {
    const port = await freePort();
    const child = startProcess(bin, ['dashboard', '--listen', `127.0.0.1:${port}`, '--login', 'none']);
    await child.waitForOutput(/dashboard listens/, 20_000);
    const dashboard = new Visitor(`http://127.0.0.1:${port}/signalbox/`);
    const page = (await dashboard.open()).text();
    const [, script] = /src="(assets\/page-[^"]+)"/.exec(page) ?? [];
    const asset = await rawRequest({ port, target: `/signalbox/${script}`, headers: [['Accept-Encoding', 'gzip']] });
    expect([asset.status, asset.header('content-encoding')]).toEqual([200, 'gzip']);
    expect(await dashboard.me()).toMatchObject({ login: 'none', mayOperate: false });
    await child.stop();
  });

  it('loads nothing of the dashboard with the daemon, which a Hub waits for', () => {
    const dist = join(dirname(realpathSync(bin)), '../dist');
    const daemon = readdirSync(dist).find((name) => /^daemon-\w+\.js$/.test(name)) ?? '';
    const isOfDashboard = (text: string) => /x-permitted-cross-domain-policies|x-ratelimit-limit/i.test(text);
    const texts = [...withStaticImports(dist, ['main.js', daemon])].map((name) =>
      readFileSync(join(dist, name), 'utf8'),
    );
    expect(texts.length).toBeGreaterThan(5);
    expect(texts.filter(isOfDashboard)).toEqual([]);
    const run = readdirSync(dist).filter((name) => /^run-\w+\.js$/.test(name));
    expect(run.map((name) => isOfDashboard(readFileSync(join(dist, name), 'utf8')))).toContain(true);
  });

  describeEachProxyOnce('installed', (proxy) => {
    it('serves routes', async () => {
      const backend = await startBackend({});
      const signalbox = await startSignalbox({ proxy, command: [bin, 'serve'] });
      await signalbox.add('/user/ada', backend.url);
      const answer = await signalbox.get('/user/ada/status/200');
      expect(answer.status).toBe(200);
      await signalbox.stop();
    });
  });
});
