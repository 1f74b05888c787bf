import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { visible } from '../../../../src/dashboard/page/format.ts';
import { makeTempDir } from '../../../support/tmp.ts';
import { NASTY_NAMES } from '../../names/hostile.ts';
import { describeInChromium, type Scene, startScene } from './scene.ts';

/** What would run, if a page took a name for HTML, a URL, a style or a script. */
const PAYLOADS = [
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '"><svg onload=alert(1)>',
  "' onmouseover='alert(1)",
  'javascript:alert(1)',
  '</bdi></td></table><h1>owned</h1>',
  '<iframe srcdoc="<script>parent.alert(1)</script>">',
  '<style>*{display:none}</style>',
  '{{constructor.constructor("alert(1)")()}}',
  '&lt;b&gt;',
  'url(https://evil.example/)',
  '=cmd|"/c calc"!A1',
  'abc\u202egnp.exe',
  'line\nbreak',
  'tab\tand "quotes"',
  'w'.repeat(300),
];
/** No JSON text can hold half of a surrogate pair, and an empty one is no name. */
const NAMES = [...new Set([...PAYLOADS, ...NASTY_NAMES])].filter((name) => name !== '' && name.isWellFormed());

/** Those that are short enough for a path stand in it, too. */
const keyOf = (name: string) => {
  const number = String(NAMES.indexOf(name)).padStart(4, '0');
  return PAYLOADS.includes(name) ? `/user/${number} ${name}` : `/user/${number}`;
};

describeInChromium('names that someone has chosen', () => {
  let scene: Scene;
  const templates = makeTempDir();

  beforeAll(async () => {
    scene = await startScene({ args: ['--templates', templates] });
    const routes = NAMES.map((name) => [
      keyOf(name),
      { target: `${scene.backend.url}/${encodeURIComponent(name)}`, user: name, server_name: name, note: name },
    ]);
    const { status, text } = await scene.signalbox.api('PATCH', '/api/routes', Object.fromEntries(routes));
    expect(status, text()).toBe(200);
  });

  test('show in lists as they are, and do nothing', async () => {
    const page = await scene.visit();
    const owners: string[] = [];
    for (let at = 0; at < NAMES.length; at += 100) {
      await page.goto(`${scene.url}#/routes?page=${at / 100 + 1}`);
      await page
        .getByRole('navigation', { name: 'Pages', exact: true })
        .getByText(`${at + 1}–`)
        .waitFor();
      owners.push(...(await page.locator('tbody td:nth-child(2) bdi').allTextContents()));
    }
    expect(owners).toEqual(expect.arrayContaining(NAMES.map(visible)));
    await page.goto(`${scene.url}#/people`);
    await page.getByRole('rowheader').first().waitFor();
    expect(await page.locator('#app script, #app iframe, #app img, h1:has-text("owned")').count()).toBe(0);
  });

  test('show with a route as they are, and do nothing', async () => {
    const page = await scene.visit();
    for (const name of PAYLOADS) {
      const key = keyOf(name);
      await page.goto(`${scene.url}#/route?key=${encodeURIComponent(key)}`);
      await page.getByRole('heading', { level: 1, name: visible(key), exact: true }).waitFor();
      const data = page.getByRole('region', { name: 'Data of the route' });
      await data.waitFor();
      expect(await data.textContent()).toContain(visible(JSON.stringify(name)));
      const names = await page.locator('main bdi').allTextContents();
      expect(names).toEqual(expect.arrayContaining([visible(name)]));
      expect(names.join('')).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
    }
  });

  test('show in the complaint of a proxy as they are, and do nothing', async () => {
    const page = await scene.visit('proxy');
    mkdirSync(join(templates, 'nginx/snippets'), { recursive: true });
    writeFileSync(join(templates, 'nginx/snippets/server.conf'), '"<img src=x onerror=alert(1)>" on;\n');
    await page.getByRole('main').getByText('<img src=x onerror=alert(1)>').first().waitFor();
    expect(await page.locator('main img').count()).toBe(0);
  });
});
