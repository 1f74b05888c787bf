import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { freePort, isPortFree } from '../../support/ports.ts';
import { runProcess } from '../../support/process.ts';
import { describeEachProxyOnce, type ProxyChoice, proxyFlags } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { testAsRoot } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';

interface Wrong {
  /** The one that there is unless given. */
  program?: string;
  publicPort?: number;
  apiPort?: number;
  stateDir?: string;
}

/** A start with this proxy that is to fail: its exit code and the lines that are no log. */
function failedStartOf(proxy: ProxyChoice) {
  return async ({ program = proxy.path, ...wrong }: Wrong) => {
    const publicPort = wrong.publicPort ?? (await freePort());
    const args = [
      [BIN, 'serve', ...proxyFlags({ ...proxy, path: program })],
      ['--state-dir', wrong.stateDir ?? join(makeTempDir(), 'state')],
      ['--public', `127.0.0.1:${publicPort}`, '--api', `127.0.0.1:${wrong.apiPort ?? (await freePort())}`],
    ].flat();
    const { code, stderr } = await runProcess(process.execPath, args, { env: { SIGNALBOX_API_TOKEN: 'secret' } });
    return { code, lines: stderr.trim().split('\n'), publicPort };
  };
}

async function listenSomewhere(): Promise<number> {
  const port = await freePort();
  const server = createServer().listen(port, '127.0.0.1');
  onCleanup(() => server.close());
  await expect.poll(() => server.listening).toBe(true);
  return port;
}

function script(text: string): string {
  const path = join(makeTempDir(), 'proxy');
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

const NAMES = {
  nginx: {
    name: 'nginx',
    flag: '--nginx',
    tooOld: 'nginx version: nginx/1.18.0 (Ubuntu)',
    old: '1.18.0',
    oldest: '1.22',
    processes: "nginx's workers",
  },
  traefik: {
    name: 'Traefik',
    flag: '--traefik',
    tooOld: 'Version:      2.11.2',
    old: '2.11.2',
    oldest: '3.0',
    processes: "Traefik's processes",
  },
};

describeEachProxyOnce('a start that cannot succeed says why in two lines and ends with 1', (proxy) => {
  const failedStart = failedStartOf(proxy);
  const { name, flag, tooOld, old, oldest, processes } = NAMES[proxy.driver];

  it('the public port is taken', async () => {
    const publicPort = await listenSomewhere();
    const { code, lines } = await failedStart({ publicPort });
    expect(lines).toEqual([
      expect.stringContaining(`signalbox: ${name} cannot listen on 127.0.0.1:${publicPort}: `),
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

  it('there is no such program', async () => {
    expect(await failedStart({ program: '/nowhere/proxy' })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: there is no ${name}: "/nowhere/proxy" was not found`,
        expect.stringMatching(/^hint: Install/),
      ],
    });
  });

  it('it is too old', async () => {
    // nginx says it on the one output, Traefik on the other.
    const program = script(`echo "${tooOld}"; echo "${tooOld}" >&2`);
    expect(await failedStart({ program })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: ${program} is ${name} ${old}, which is too old`,
        `hint: Signalbox needs ${name} ${oldest} or newer; say where one is with ${flag} PATH.`,
      ],
    });
  });

  it('it does not run', async () => {
    const program = script('echo "error while loading shared libraries: libpcre2" >&2; exit 127');
    expect(await failedStart({ program })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: ${program} does not run: error while loading shared libraries: libpcre2`,
        expect.stringMatching(`^hint: .*${flag} PATH`),
      ],
    });
  });

  it('another daemon has the state folder', async () => {
    const signalbox = await startSignalbox({ proxy });
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

  testAsRoot('where the proxy is another user')('the user it runs as cannot pass to the state folder', async () => {
    const shut = join(makeTempDir(), 'shut');
    mkdirSync(shut, { mode: 0o700 });
    expect(await failedStart({ stateDir: join(shut, 'state') })).toMatchObject({
      code: 1,
      lines: [
        `signalbox: ${processes} run as nobody and cannot pass through ${shut}`,
        expect.stringMatching(/^hint: Choose a --state-dir/),
      ],
    });
  });
});
