import { beforeAll, expect, test } from 'vitest';
import { expectAccessible, openPage } from '../../../support/chromium.ts';
import type { FakeDashboard } from '../../../support/dashboard/fake.ts';
import type { Scene } from '../../../support/dashboard/fake-data.ts';
import { describePage, startFake, visit } from './scene.ts';

const VIEWS = ['#/', '#/routes', '#/people', '#/proxy', '#/events'];
const BOB = '#/route?key=%2Fuser%2Fbob';
const HOSTILE = `#/route?${new URLSearchParams({ key: '/user/<img src=x onerror=alert(1)>' })}`;
const TOO_WIDE = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const WIDE = { viewport: { width: 1280, height: 900 }, colorScheme: 'light' } as const;
const NARROW = { viewport: { width: 390, height: 844 }, colorScheme: 'dark' } as const;

describePage('how it looks', () => {
  let fake: FakeDashboard;
  beforeAll(async () => {
    fake = await startFake();
  });

  // A page that complains fails its test: dialogs, exceptions, and what the CSP or Trusted Types refuse.
  test.each<[Scene, string, typeof WIDE | typeof NARROW, readonly string[]]>([
    ['trouble', 'wide and light', WIDE, [...VIEWS, BOB]],
    ['trouble', 'narrow and dark', NARROW, ['#/', '#/proxy']],
    ['hostile', 'narrow and dark', NARROW, ['#/people', '#/events', HOSTILE]],
    ['hostile', 'wide and light', WIDE, ['#/routes']],
    ['empty', 'wide and light', WIDE, ['#/', '#/routes', '#/events']],
    ['blind', 'narrow and dark', NARROW, ['#/']],
  ])('%s, %s: axe-core finds nothing, and nothing is wider than the window', async (scene, _, options, hashes) => {
    const page = await openPage(options);
    for (const hash of hashes) {
      await visit(page, fake, scene, hash);
      await expectAccessible(page);
      expect(await page.evaluate(TOO_WIDE), hash).toBe(0);
    }
  });

  test('a choice of colours holds when the page is loaded anew', async () => {
    const page = await openPage(WIDE);
    await visit(page, fake, 'full');
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.locator('summary').click();
    await page.getByRole('radio', { name: 'Dark' }).check();
    expect(await ground()).not.toBe(light);
    await page.reload();
    await page.getByRole('region', { name: 'Requests/s' }).waitFor();
    expect(await ground()).not.toBe(light);
  });

  test('a chart is a table, too, with the numbers of its legend', async () => {
    const page = await openPage(WIDE);
    await visit(page, fake, 'full');
    const chart = page.getByRole('region', { name: 'Reloads', exact: true });
    await chart.getByRole('img').waitFor();
    await chart.getByRole('button', { name: 'Reloads as a table' }).click();
    expect(await chart.getByRole('columnheader').allTextContents()).toEqual(['From', 'reloads']);
    expect(await chart.getByRole('row').count()).toBe(61);
    expect(await chart.getByRole('img').count()).toBe(0);
  });

  test('charts show the same moment, wherever the pointer is', async () => {
    const page = await openPage(WIDE);
    await visit(page, fake, 'full');
    const times = () => page.locator('.chart-time').allTextContents();
    expect(new Set(await times())).toEqual(new Set(['now']));
    await page.getByRole('img', { name: /^Requests\/s/ }).hover({ position: { x: 300, y: 60 } });
    await page
      .getByText(/^\d\d:\d\d:\d\d$/)
      .first()
      .waitFor();
    const shown = await times();
    expect(shown).toHaveLength(5);
    expect(new Set(shown).size).toBe(1);
  });
});
