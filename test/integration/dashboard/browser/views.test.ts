import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { expectAccessible, openPage } from '../../../support/chromium.ts';
import { until } from '../../../support/wait.ts';
import { addPeople, describeInChromium, type Scene, startScene } from './scene.ts';

const VIEWS = [
  '',
  'routes',
  'route?key=%2Fuser%2Fada',
  'route?key=%2Fuser%2Fedsger',
  'people',
  'proxy',
  'events',
  'none',
];
const PHONE = { width: 390, height: 844 };

describeInChromium('the views of the dashboard', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startScene();
    await addPeople(scene);
  });

  const loaded = async (page: Page) => {
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    await until(async () => (await page.getByText('Loading…').count()) === 0, { what: 'what is shown to be loaded' });
  };

  for (const viewport of [{ width: 1280, height: 800 }, PHONE]) {
    test(`can be read by everyone, in light and dark colours, ${viewport.width} px wide`, async () => {
      const page = await scene.visit('', { viewport });
      for (const view of VIEWS) {
        await page.emulateMedia({ colorScheme: 'light' });
        await page.goto(`${scene.url}#/${view}`);
        await loaded(page);
        await expectAccessible(page);
        await page.emulateMedia({ colorScheme: 'dark' });
        await expectAccessible(page, ['color-contrast']);
        const width = await page.evaluate('document.documentElement.scrollWidth');
        expect(width, `width of #/${view}`).toBeLessThanOrEqual(viewport.width);
      }
    });
  }

  test('signing in can be read by everyone, too, with a word on what was wrong', async () => {
    const page = await openPage({ expected: [/status of 403/] });
    await page.goto(scene.url);
    await page.getByLabel('Token').fill('wrong');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('Token is wrong').waitFor();
    await expectAccessible(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expectAccessible(page, ['color-contrast']);
  });

  test('tell who is connected, what fails, and what is not reachable', async () => {
    const page = await scene.visit();
    const problems = page.getByRole('region', { name: /Problems/ });
    await problems.getByText('/user/barbara').waitFor();
    await problems.getByText('/user/edsger').waitFor();
    await page.goto(`${scene.url}#/people`);
    const ada = page.getByRole('row', { name: /^ada/ });
    await until(async () => (await ada.getByRole('cell').allTextContents())[1] === '1', {
      timeout: 20_000,
      what: 'the websocket of ada to be seen',
    });
    await page.getByRole('link', { name: 'Connected now' }).click();
    await until(async () => (await page.getByRole('rowheader').allTextContents()).join() === 'ada', {
      what: 'ada to be the only one',
    });
  });

  test('are cards on a phone, where each number has its name', async () => {
    const page = await scene.visit('routes', { viewport: PHONE });
    await loaded(page);
    const cells = (await page.evaluate(`
      [...document.querySelector('tbody tr').children].map((cell) => ({
        label: getComputedStyle(cell, '::before').content,
        top: cell.getBoundingClientRect().top,
      }))`)) as { label: string; top: number }[];
    expect(cells.map(({ label }) => label)).toEqual(expect.arrayContaining(['"Req/min"', '"5xx"']));
    expect(new Set(cells.map(({ top }) => top)).size).toBeGreaterThan(3);
  });

  test('move nothing for those who want no motion', async () => {
    const moving = `document.getAnimations().length +
      [...document.querySelectorAll('*')].filter((one) => {
        const { animationName, transitionDuration } = getComputedStyle(one);
        return animationName !== 'none' || transitionDuration.split(', ').some((time) => parseFloat(time) > 0.01);
      }).length`;
    const [still, lively] = [
      await scene.visit('routes', { reducedMotion: 'reduce' }),
      await scene.visit('routes', { reducedMotion: 'no-preference' }),
    ];
    for (const page of [still, lively]) await loaded(page);
    expect(await still.evaluate(moving)).toBe(0);
    expect(await lively.evaluate(moving)).toBeGreaterThan(0);
  });
});
