import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { freePort } from '../../support/ports.ts';
import { startProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { rawRequest } from '../../support/raw-http.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { missingTraefik, testTraefik } from '../../support/traefik.ts';
import { until } from '../../support/wait.ts';
import { parsePage, root } from './pages.ts';

const page = parsePage('docs/traefik.md', readFileSync(join(root, 'docs/traefik.md'), 'utf8'));
const beside = page.blocks.filter(({ language }) => language === 'yaml').map(({ text }) => text);

describeIf(testTraefik, missingTraefik, 'a Traefik of your own as docs/traefik.md has it', () => {
  test('serves what Signalbox writes, and its log tells of activity', async () => {
    const folder = makeTempDir();
    mkdirSync(join(folder, 'dynamic'));
    const port = await freePort();
    const adapt = (text: string) =>
      text
        .replace(/:8000\b/g, `:${port}`)
        .replaceAll('/var/lib/traefik', folder)
        .replaceAll('/var/log/traefik', folder)
        // The daemon of a test has its own.
        .replace(/^(?:api|token-file): .*\n/gm, '');
    const traefikConfig = join(folder, 'traefik.yml');
    const ourConfig = join(folder, 'signalbox.yaml');
    writeFileSync(traefikConfig, adapt(beside.find((text) => text.includes('providersThrottleDuration')) ?? ''));
    writeFileSync(ourConfig, adapt(beside.find((text) => text.includes('traefik-access-log')) ?? ''));

    startProcess(testTraefik?.path ?? '', [`--configFile=${traefikConfig}`], { cwd: folder });
    const backend = await startBackend();
    const box = await startSignalbox({
      proxy: anyProxy(),
      command: [process.execPath, BIN, 'serve', '-c', ourConfig],
      args: ['--driver', 'traefik'],
      // Its users are at another port than a daemon's own proxy would be.
      truth: 'none',
    });
    await box.add('/user/ada', backend.url);
    const answer = await rawRequest({ port, target: '/user/ada/x' });
    expect(answer.status).toBe(200);
    await until(
      async () => {
        const entry = (await box.api('GET', '/api/routes/user/ada?stats=1')).json<{ stats: { requests: number } }>();
        return entry.stats.requests === 1;
      },
      { what: 'the request to be counted' },
    );
  });
});
