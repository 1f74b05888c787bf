import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Backend, startBackend } from '../../support/backend.ts';
import { startLoad } from '../../support/load.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { describeEachSceneOnce, isReady } from '../scene.ts';

interface TemplateStatus {
  reloads: number;
  templates: { own: string[]; error: { file: string | null; line: number | null; message: string } | null };
}

describeEachSceneOnce(
  'a template that changes while Signalbox runs',
  ({ start }) => {
    const folder = makeTempDir();
    const inFolder = (name: string) => join(folder, 'nginx', name);
    let backend: Backend;
    let signalbox: Signalbox;

    beforeAll(async () => {
      backend = await startBackend();
      signalbox = await start({ args: ['--templates', folder, '--no-pin', '--apply-timeout', '8s'] });
      await signalbox.add('/steady', backend.url);
    });
    beforeEach(async () => {
      write('snippets/server.conf', header('one'));
      await untilServed('one');
      await until(() => isReady(signalbox), { what: 'the confirmation' });
    });
    afterAll(() => signalbox.stop());

    function write(name: string, text: string): void {
      mkdirSync(dirname(inFolder(name)), { recursive: true });
      // In one step: a look in the middle would find an empty file, which is a good one. Other ways of saving have a test below.
      writeFileSync(inFolder('.new'), text);
      renameSync(inFolder('.new'), inFolder(name));
    }
    const header = (value: string) => `add_header X-Own "${value}" always;\n`;
    const served = async () => (await signalbox.get('/steady/')).header('X-Own');
    const status = async () => (await signalbox.api('GET', '/status')).json<TemplateStatus>();
    const untilServed = (value: string) =>
      until(async () => (await served()) === value, { what: `${value} to be served`, timeout: 20_000 });
    const untilRefused = (what: RegExp) =>
      until(async () => what.test((await status()).templates.error?.message ?? ''), {
        what: `${what} to show`,
        timeout: 20_000,
      });

    it('is taken up without a failed request', async () => {
      const load = startLoad({ url: signalbox.url, paths: ['/steady/'], connections: 2, pause: 5 });
      write('snippets/server.conf', header('two'));
      await untilServed('two');
      expect((await load.stop()).failures).toEqual([]);
      await until(() => isReady(signalbox), { what: 'the confirmation' });
      expect((await status()).templates).toEqual({ own: ['snippets/server.conf'], error: null });
    });

    it.each([
      [
        'Liquid does not understand',
        'snippets/server.conf',
        `\n{% if %}\n${header('bad')}`,
        2,
        /invalid value expression/,
      ],
      [
        'names a variable there is none of',
        'snippets/server.conf',
        '# one\n# two\n{{ nobody }}\n',
        3,
        /undefined variable: nobody/,
      ],
      [
        'does not close what it opens',
        'snippets/server.conf',
        `${header('bad')}location /x {\n return 204;\n`,
        2,
        /never closed/,
      ],
      [
        'nginx does not know a directive of',
        'snippets/server.conf',
        '{% if true %}\n\n  # why\n  no_such_thing on;\n{% endif %}',
        4,
        /unknown directive .*no_such_thing/,
      ],
      ['has a mistake in a copy of ours', 'error-pages.conf', '\n  error_page 404;\n', 2, /nginx says: /],
      [
        'takes the place of the log of activity',
        'snippets/location.conf',
        'auth_basic off;\naccess_log /dev/null combined;\n',
        2,
        /last_activity comes: put a log of your own into snippets\/server\.conf/,
      ],
      [
        'has a mistake that no route needs yet',
        'route.conf',
        '{{ key | no_such_filter }}',
        1,
        /undefined filter: no_such_filter/,
      ],
    ])(
      'that %s changes nothing: routes are still added, and file, line and reason show',
      async (_, file, text, line, reason) => {
        write(file, text);
        await untilRefused(reason);
        expect((await status()).templates.error).toMatchObject({
          file,
          line,
          message: expect.stringContaining(`template ${file}:${line}`),
        });
        expect(await served()).toBe('one');
        await signalbox.add('/more/of/this/is/deep', backend.url);
        expect((await signalbox.get('/more/of/this/is/deep/')).status).toBe(200);
        await signalbox.remove('/more/of/this/is/deep');
        expect(await isReady(signalbox)).toBe(true);
        expect(signalbox.logs()).toMatch(reason);
        const metrics = (await signalbox.api('GET', '/metrics')).text();
        expect(metrics).toContain(
          `signalbox_template_error{file="${file}",line="${line}",reason="template ${file}:${line}`,
        );

        if (file === 'snippets/server.conf') write(file, header('one'));
        else rmSync(inFolder(file));
        await until(async () => (await status()).templates.error === null, { what: 'the mended template' });
        expect(await served()).toBe('one');
      },
    );

    it('and is broken when the daemon comes back leaves the last good one in place', async () => {
      write('snippets/server.conf', 'no_such_thing on;');
      await untilRefused(/no_such_thing/);
      await signalbox.stop();
      await signalbox.restart();
      expect(await served()).toBe('one');
      expect((await status()).templates).toMatchObject({
        own: ['snippets/server.conf'],
        error: { file: 'snippets/server.conf', line: 1, message: expect.stringContaining('nginx says: unknown') },
      });
      write('snippets/server.conf', '{% if %}');
      await untilRefused(/invalid value/);
      await signalbox.stop();
      await signalbox.restart();
      expect(await served()).toBe('one');
      write('snippets/server.conf', header('two'));
      await untilServed('two');
    });

    it('as editors and Kubernetes save it is taken up once', async () => {
      const ways: Record<string, (text: string) => void> = {
        'a new file that is renamed'(text) {
          writeFileSync(inFolder('snippets/.server.conf.tmp'), text);
          renameSync(inFolder('snippets/.server.conf.tmp'), inFolder('snippets/server.conf'));
        },
        // Vim with backup: tries whether it may write, moves the old one away, writes the new one.
        vim(text) {
          writeFileSync(inFolder('snippets/4913'), '');
          rmSync(inFolder('snippets/4913'));
          writeFileSync(inFolder('snippets/.server.conf.swp'), 'b0VIM');
          renameSync(inFolder('snippets/server.conf'), inFolder('snippets/server.conf~'));
          writeFileSync(inFolder('snippets/server.conf'), text);
          rmSync(inFolder('snippets/.server.conf.swp'));
        },
        'bit by bit'(text) {
          for (let end = 0; end <= text.length; end++)
            writeFileSync(inFolder('snippets/server.conf'), text.slice(0, end));
        },
      };
      for (const [way, save] of Object.entries(ways)) {
        const { reloads } = await status();
        save(header(way));
        await untilServed(way);
        await until(() => isReady(signalbox), { what: 'the confirmation' });
        expect((await status()).reloads - reloads, way).toBe(1);
        expect((await status()).templates.own, way).toEqual(['snippets/server.conf']);
      }
    });

    it('in a folder that is a link to another one, as a ConfigMap is mounted', async () => {
      for (const version of ['a', 'b']) {
        mkdirSync(join(folder, `..${version}/snippets`), { recursive: true });
        writeFileSync(join(folder, `..${version}/snippets/server.conf`), header(version));
      }
      rmSync(join(folder, 'nginx'), { recursive: true });
      symlinkSync('..a', join(folder, '..data'));
      symlinkSync('..data', join(folder, 'nginx'));
      await untilServed('a');
      symlinkSync('..b', join(folder, '..data_tmp'));
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'));
      rmSync(join(folder, '..a'), { recursive: true });
      await untilServed('b');
      rmSync(join(folder, 'nginx'));
      await until(async () => (await served()) === undefined, { what: 'ours' });
      await until(async () => (await status()).templates.own.length === 0, { what: 'ours to be confirmed' });
    });
  },
  ['nginx'],
);
