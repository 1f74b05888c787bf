import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { startBackend } from '../support/backend.ts';
import { runProcess } from '../support/process.ts';
import { describeEachProxyOnce } from '../support/proxies.ts';
import { startSignalbox } from '../support/signalbox.ts';
import { makeTempDir } from '../support/tmp.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const npm = (args: string[], cwd: string) =>
  // npm itself runs on the node that runs the tests; the installed command finds the same one.
  runProcess('npm', args, { cwd, env: { PATH: `${dirname(process.execPath)}:${process.env.PATH}` } });

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
