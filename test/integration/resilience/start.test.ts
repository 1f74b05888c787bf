import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { onCleanup } from '../../support/cleanup.ts';
import { anyNginx } from '../../support/nginx.ts';
import { freePort, isPortFree } from '../../support/ports.ts';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';

const bin = resolve(import.meta.dirname, '../../../bin/signalbox.js');

interface Wrong {
  nginx?: string;
  publicPort?: number;
  apiPort?: number;
  stateDir?: string;
}

/** A start that is to fail: its exit code and the lines that are no log. */
async function failedStart({ nginx = anyNginx?.path ?? '', ...wrong }: Wrong) {
  const publicPort = wrong.publicPort ?? (await freePort());
  const args = [
    [bin, 'serve', '--nginx', nginx, '--state-dir', wrong.stateDir ?? join(makeTempDir(), 'state')],
    ['--public', `127.0.0.1:${publicPort}`, '--api', `127.0.0.1:${wrong.apiPort ?? (await freePort())}`],
  ].flat();
  const { code, stderr } = await runProcess(process.execPath, args, { env: { SIGNALBOX_API_TOKEN: 'secret' } });
  return { code, lines: stderr.trim().split('\n'), publicPort };
}

async function listenSomewhere(): Promise<number> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  onCleanup(() => server.close());
  await expect.poll(() => server.listening).toBe(true);
  return port;
}

function script(text: string): string {
  const path = join(makeTempDir(), 'nginx');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describeIf(anyNginx, 'no nginx', 'a start that cannot succeed says why in two lines and ends with 1:', () => {
  it('the public port is taken', async () => {
    const publicPort = await listenSomewhere();
    const { code, lines } = await failedStart({ publicPort });
    expect(lines).toEqual([
      expect.stringContaining(`signalbox: nginx cannot listen on 127.0.0.1:${publicPort}: `),
      'hint: Another program listens there: stop it, or choose another address with --public.',
    ]);
    expect(code).toBe(1);
  });

  it('the port of the API is taken', async () => {
    const apiPort = await listenSomewhere();
    const { code, lines, publicPort } = await failedStart({ apiPort });
    expect(lines[0]).toContain(`signalbox: the API cannot listen on 127.0.0.1:${apiPort}`);
    expect(lines[1]).toMatch(/^hint: .*--api/);
    expect(lines).toHaveLength(2);
    expect(code).toBe(1);
    expect(await isPortFree(publicPort)).toBe(true);
  });

  it('there is no nginx', async () => {
    expect(await failedStart({ nginx: '/nowhere/nginx' })).toMatchObject({
      code: 1,
      lines: ['signalbox: there is no nginx: "/nowhere/nginx" was not found', expect.stringMatching(/^hint: Install/)],
    });
  });

  it('nginx is too old', async () => {
    const nginx = script('echo "nginx version: nginx/1.18.0 (Ubuntu)" >&2');
    expect(await failedStart({ nginx })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: ${nginx} is nginx 1.18, which is too old`,
        'hint: Signalbox needs nginx 1.22 or newer; say where one is with --nginx PATH.',
      ],
    });
  });

  it('nginx does not run', async () => {
    const nginx = script('echo "error while loading shared libraries: libpcre2" >&2; exit 127');
    expect(await failedStart({ nginx })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: ${nginx} does not run: error while loading shared libraries: libpcre2`,
        expect.stringMatching(/^hint: .*--nginx PATH/),
      ],
    });
  });

  it('another daemon has the state folder', async () => {
    const signalbox = await startSignalbox({ proxy: anyProxy() });
    const { stateDir } = signalbox;
    expect(await failedStart({ stateDir })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: another Signalbox (pid ${signalbox.pid}) uses the state folder ${stateDir}`,
        expect.stringMatching(/^hint: /),
      ],
    });
    expect((await signalbox.api('GET', '/readyz')).status).toBe(200);
    await signalbox.stop();
  });

  it.runIf(process.getuid?.() === 0)('workers cannot pass to the state folder', async () => {
    const shut = join(makeTempDir(), 'shut');
    mkdirSync(shut, { mode: 0o700 });
    expect(await failedStart({ stateDir: join(shut, 'state') })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: nginx's workers run as nobody and cannot pass through ${shut}`,
        expect.stringMatching(/^hint: Choose a --state-dir/),
      ],
    });
  });
});
