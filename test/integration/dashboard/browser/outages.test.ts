import { beforeAll, expect, test } from 'vitest';
import { until } from '../../../support/wait.ts';
import { status } from '../../scene.ts';
import { describeInChromium, type Scene, startScene } from './scene.ts';

/** What Chromium itself says of an answer that is no success. */
const failed = /Failed to load resource/;

describeInChromium('an open dashboard', () => {
  let scene: Scene;

  beforeAll(async () => {
    scene = await startScene();
    await scene.signalbox.add('/user/ada', scene.backend.url, { user: 'ada', server_name: '' });
  });

  test('keeps no worker of nginx, so a reload is over while it is open', async () => {
    const page = await scene.visit();
    await page.getByText('serving').first().waitFor();
    const { reloads } = await status(scene.signalbox);
    // Another depth makes another configuration.
    await scene.signalbox.add('/a/much/deeper/path/than/there/was', scene.backend.url);
    await until(async () => (await status(scene.signalbox)).reloads > reloads, { what: 'a reload' });
    const polled = page.waitForResponse(/\/api\/status/);
    await polled;
    await until(async () => (await status(scene.signalbox)).drainingWorkers === 0, {
      timeout: 20_000,
      what: 'the old workers to end',
    });
    await page.waitForResponse(/\/api\/status/);
  });

  test('says that the daemon is away, over what was last known, and goes on by itself', async () => {
    const page = await scene.visit('routes', { expected: [failed] });
    await page
      .getByRole('row', { name: /\/user\/ada/ })
      .first()
      .waitFor();
    await scene.signalbox.stop('SIGKILL');
    await page.getByRole('alert').getByText('The daemon does not answer').waitFor();
    expect(await page.getByRole('row', { name: /\/user\/ada/ }).count()).toBeGreaterThan(0);
    await scene.signalbox.restart();
    await page.getByRole('alert').getByText('The daemon does not answer').waitFor({ state: 'hidden' });
  });

  test('whose session has ended leads to signing in, and back to the same view', async () => {
    const page = await scene.visit('routes?q=ada&sort=used&desc=true', { expected: [failed] });
    await page
      .getByRole('row', { name: /\/user\/ada/ })
      .first()
      .waitFor();
    await scene.restartDashboard();
    await page.getByLabel('Token').fill(scene.signalbox.token);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page
      .getByRole('row', { name: /\/user\/ada/ })
      .first()
      .waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('ada');
    expect(page.url()).toContain('sort=used');
  });
});
