import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { until } from '../../../support/wait.ts';
import { addPeople, describeInChromium, type Scene, startScene } from './scene.ts';

describeInChromium('the dashboard by keyboard alone', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startScene();
    await addPeople(scene);
  });

  /** Goes on by Tab until it is there; fails when it can't be reached so. */
  const tabTo = async (page: Page, name: string) => {
    const focused = () => page.evaluate('document.activeElement?.textContent ?? ""') as Promise<string>;
    for (let presses = 0; presses < 60; presses += 1) {
      if ((await focused()).startsWith(name)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${name}, but to ${await focused()}`);
  };
  const routes = async (page: Page) => (await page.getByRole('rowheader').allTextContents()).join(' ');

  test('filters, sorts, opens a route, removes it and takes that back', async () => {
    const page = await scene.visit('routes', { expected: [/status of 404/] });
    await page.getByRole('row', { name: /\/user\/margaret/ }).waitFor();

    await page.keyboard.press('/');
    await page.keyboard.type('user/a');
    await until(async () => (await routes(page)) === '/user/ada /user/ada/gpu', { what: 'the filter to be used' });
    expect(page.url()).toContain('q=user%2Fa');
    await page.keyboard.press('Escape');
    await until(async () => (await routes(page)).includes('margaret'), { what: 'the filter to be cleared' });

    await tabTo(page, '5xx');
    await page.keyboard.press('Enter');
    await until(async () => (await routes(page)).startsWith('/user/barbara'), { what: 'most errors first' });
    expect(await page.getByRole('columnheader', { name: '5xx' }).getAttribute('aria-sort')).toBe('descending');
    await page.reload();
    await until(async () => (await routes(page)).startsWith('/user/barbara'), { what: 'the same after a reload' });

    await page.goto(`${scene.url}#/routes?q=margaret`);
    await until(async () => (await routes(page)) === '/user/margaret', { what: 'one route' });
    await tabTo(page, '/user/margaret');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: '/user/margaret' }).waitFor();

    // Nothing is done without a question, which Escape answers with no.
    await tabTo(page, 'Remove route…');
    await page.keyboard.press('Enter');
    const question = page.getByRole('dialog', { name: 'Remove this route?' });
    await question.waitFor();
    expect(await question.textContent()).toContain('/user/margaret');
    for (let presses = 0; presses < 5; presses += 1) {
      await page.keyboard.press('Tab');
      expect(
        await page.evaluate(
          'Boolean(document.activeElement.closest("dialog")) || document.activeElement === document.body',
        ),
      ).toBe(true);
    }
    await page.keyboard.press('Escape');
    await question.waitFor({ state: 'hidden' });
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Remove route…');
    expect((await scene.signalbox.api('GET', '/api/routes/user/margaret')).status).toBe(200);

    await page.keyboard.press('Enter');
    await question.waitFor();
    await tabTo(page, 'Remove the route');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('Removed').waitFor();
    expect((await scene.signalbox.api('GET', '/api/routes/user/margaret')).status).toBe(404);

    await tabTo(page, 'Undo');
    await page.keyboard.press('Enter');
    await page.getByRole('status').getByText('is back').waitFor();
    expect((await scene.signalbox.api('GET', '/api/routes/user/margaret')).json()).toMatchObject({ user: 'margaret' });

    await page.goto(`${scene.url}#/events`);
    await page
      .getByRole('row', { name: /margaret/ })
      .first()
      .waitFor();
    expect(await page.getByRole('table').textContent()).toContain('operator');
  });
});
