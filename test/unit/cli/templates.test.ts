import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { main } from '../../../src/cli/main.ts';
import { nginxCatalogue } from '../../../src/proxies/nginx/catalogue.ts';
import { VERSION } from '../../../src/version.ts';
import { makeTempDir } from '../../support/tmp.ts';

/** Runs `signalbox templates …` with a folder of one's own. */
function scene() {
  const folder = makeTempDir();
  const run = async (...words: string[]) => {
    const said = { out: '', err: '' };
    const io = {
      env: { HOME: folder, SIGNALBOX_TEMPLATES: folder, SIGNALBOX_API: 'http://of.another.command' },
      out(text: string) {
        said.out += text;
      },
      err(text: string) {
        said.err += text;
      },
    };
    return { code: await main(['templates', ...words], io), ...said };
  };
  const file = (name: string) => join(folder, 'nginx', name);
  const states = async () => {
    const rows = JSON.parse((await run('list', '--json')).out) as { template: string; state: string }[];
    return Object.fromEntries(rows.map(({ template, state }) => [template, state]));
  };
  return { run, file, states };
}

const ours = (name: string) => readFileSync(join(nginxCatalogue.ours, name), 'utf8');

it('list names every template, and which are yours', async () => {
  const { run, file, states } = scene();
  expect(new Set(Object.values(await states()))).toEqual(new Set(['ours']));
  await run('eject', 'proxy.conf');
  await run('eject', 'snippets/http.conf');
  writeFileSync(file('proxy.conf'), `${ours('proxy.conf')}# mine\n`);
  writeFileSync(file('my-part.conf'), '');
  expect(await states()).toMatchObject({
    'proxy.conf': 'yours',
    'snippets/http.conf': 'yours, as ours',
    'error.html': 'ours',
    'my-part.conf': 'yours alone',
  });
  expect((await run()).out).toMatch(/^TEMPLATE +STATE +WHAT IT IS\n/);
});

it('eject copies ours with what it is a copy of, and overwrites nothing', async () => {
  const { run, file } = scene();
  expect(await run('eject', 'snippets/server.conf')).toEqual({
    code: 0,
    out: `${file('snippets/server.conf')}\n`,
    err: '',
  });
  expect(readFileSync(file('snippets/server.conf'), 'utf8')).toBe(ours('snippets/server.conf'));
  writeFileSync(file('snippets/server.conf'), 'mine');
  const again = await run('eject', 'snippets/server.conf');
  expect([again.code, again.err]).toEqual([1, expect.stringContaining('is there already')]);
  expect(readFileSync(file('snippets/server.conf'), 'utf8')).toBe('mine');
});

it('diff shows what you changed, and after an upgrade what has changed with us', async () => {
  const { run, file, states } = scene();
  await run('eject', 'proxy.conf');
  expect((await run('diff')).out).toBe('');
  writeFileSync(file('proxy.conf'), `${ours('proxy.conf')}# mine\n`);
  expect((await run('diff')).out).toMatch(/^--- proxy\.conf \(ours\)\n\+\+\+ proxy\.conf \(yours\)\n.*\n\+# mine\n$/s);

  // As if it had been copied from an earlier release.
  mkdirSync(file('.signalbox'), { recursive: true });
  writeFileSync(file('.signalbox/proxy.conf'), ours('proxy.conf').replace('connect_timeout 60s', 'connect_timeout 5s'));
  writeFileSync(file('.signalbox/versions.json'), '{"proxy.conf":"0.0.1"}');
  expect((await states())['proxy.conf']).toBe('yours, ours has changed');
  const { out } = await run('diff', 'proxy.conf');
  expect(out).toContain('--- proxy.conf (ours in 0.0.1)\n+++ proxy.conf (yours)\n');
  expect(out).toContain(`--- proxy.conf (ours in 0.0.1)\n+++ proxy.conf (ours in ${VERSION})\n`);
  expect(out).toMatch(/\n- +proxy_connect_timeout 5s;\n\+ +proxy_connect_timeout 60s;\n/);

  expect((await run('eject', '--record', 'proxy.conf')).code).toBe(0);
  expect((await states())['proxy.conf']).toBe('yours');
  expect(readFileSync(file('proxy.conf'), 'utf8')).toContain('# mine');
});

it('show prints the one in use, ours, or its variables', async () => {
  const { run, file } = scene();
  expect((await run('show', 'error.html')).out).toBe(ours('error.html'));
  await run('eject', 'error.html');
  writeFileSync(file('error.html'), 'mine');
  expect((await run('show', 'error.html')).out).toBe('mine');
  expect((await run('show', '--ours', 'error.html')).out).toBe(ours('error.html'));
  const variables = JSON.parse((await run('show', 'error.html', '--json')).out);
  expect(variables).toContainEqual({ name: 'code', type: 'integer', about: expect.any(String) });
  const { out } = await run('show', '--variables', 'snippets/server.conf');
  expect(out).toMatch(/^public_tls\.http2 +boolean +--http2$/m);
});

it.each([
  [['show', 'nothing.conf'], 5, 'there is no template "nothing.conf" of nginx'],
  [['eject'], 2, 'NAME: found nothing, want a template'],
  [['frobnicate'], 2, 'frobnicate'],
])('%j ends with %i', async (words, code, message) => {
  const done = await scene().run(...words);
  expect([done.code, done.err]).toEqual([code, expect.stringContaining(message)]);
});
