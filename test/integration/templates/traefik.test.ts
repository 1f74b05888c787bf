import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/package-root.ts';
import { startBackend } from '../../support/backend.ts';
import { freePort } from '../../support/ports.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { tlsFlags } from '../boundaries/tls-flags.ts';
import { describeEachSceneOnce } from '../scene.ts';

interface TemplateStatus {
  templates: { own: string[]; error: { file: string | null; line: number | null; message: string } | null };
}

describeEachSceneOnce(
  'templates of your own',
  ({ start }) => {
    it('are taken up while Signalbox runs; what is refused changes nothing and is named', async () => {
      const folder = makeTempDir();
      mkdirSync(join(folder, 'traefik/snippets'), { recursive: true });
      const write = (name: string, text: string) => writeFileSync(join(folder, 'traefik', name), text);
      const page = (text: string) =>
        `    mine:\n      rule: Path(\`/mine\`)\n      priority: 3000000\n      entryPoints: ["public"]\n      service: ${text}\n`;
      const backend = await startBackend();
      const signalbox = await start({ args: ['--templates', folder] });
      await signalbox.add('/steady', backend.url);
      const status = async () => (await signalbox.api('GET', '/status')).json<TemplateStatus>();
      const mine = async () => (await signalbox.get('/mine')).status;
      expect(await mine()).toBe(404);

      write('snippets/routers.yml', page('ping@internal'));
      await until(async () => (await mine()) === 200, { what: 'a router of ones own' });
      await until(async () => (await status()).templates.own.includes('snippets/routers.yml'), { what: 'the status' });

      const mistakes: [name: string, text: string, line: number | null, reason: RegExp][] = [
        ['snippets/routers.yml', `${page('ping@internal')}      nosuch: 1\n`, null, /Traefik refuses .*nosuch/],
        ['snippets/routers.yml', '\n{{ nobody }}', 2, /undefined variable: nobody/],
        ['router.yml', '{{ router.name | shout }}', 1, /undefined filter: shout/],
      ];
      for (const [name, text, line, reason] of mistakes) {
        write(name, text);
        await until(async () => reason.test((await status()).templates.error?.message ?? ''), { what: `${reason}` });
        expect((await status()).templates.error).toMatchObject({ file: name, line });
        expect(await mine()).toBe(200);
        await signalbox.add('/more', backend.url);
        expect((await signalbox.get('/more/x')).status).toBe(200);
        await signalbox.remove('/more');
        if (name === 'snippets/routers.yml') write(name, page('ping@internal'));
        else rmSync(join(folder, 'traefik', name));
        await until(async () => (await status()).templates.error === null, { what: 'the mended template' });
      }
      await signalbox.stop();
    });

    it('may be TLS of the public side: it is taken up while Signalbox runs, and what is refused leaves the last good one', async () => {
      const folder = makeTempDir();
      mkdirSync(join(folder, 'traefik'));
      const file = join(folder, 'traefik/tls.yml');
      const ours = readFileSync(join(PACKAGE_ROOT, 'templates/traefik/tls.yml'), 'utf8');
      const withOption = (option: string) => ours.replace('      minVersion:', `      ${option}\n      minVersion:`);
      const redirect = `127.0.0.1:${await freePort()}`;
      const signalbox = await start({ args: ['--templates', folder, ...tlsFlags(), '--redirect', redirect] });
      const error = async () => (await signalbox.api('GET', '/status')).json<TemplateStatus>().templates.error;
      const servesOldTls = async () => (await protocol(signalbox.port)) === 'TLSv1.2';
      expect(await servesOldTls()).toBe(false);

      writeFileSync(file, withOption('maxVersion: VersionTLS12'));
      await until(servesOldTls, { what: 'TLS of ones own' });
      const mistakes: [text: string, line: number | null, reason: RegExp][] = [
        ['\n{{ nobody }}', 2, /undefined variable: nobody/],
        ['tls: [', null, /Traefik refuses .*yaml/],
        [withOption('cipherSuites: [NONSENSE]'), null, /Traefik refuses .*NONSENSE/],
      ];
      for (const [text, line, reason] of mistakes) {
        writeFileSync(file, text);
        await until(async () => reason.test((await error())?.message ?? ''), { what: `${reason}` });
        expect(await error()).toMatchObject({ file: 'tls.yml', line });
        expect(await servesOldTls()).toBe(true);
        await signalbox.stop();
        await signalbox.restart();
        await until(async () => reason.test((await error())?.message ?? ''), { what: `${reason} at a start` });
        expect(await servesOldTls()).toBe(true);
      }
      rmSync(file);
      await until(async () => (await error()) === null, { what: 'the mended template' });
      expect(await servesOldTls()).toBe(false);
      await signalbox.stop();
    });
  },
  ['traefik'],
);

function protocol(port: number): Promise<string | null> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
