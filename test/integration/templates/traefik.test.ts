import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
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
  },
  ['traefik'],
);
