import type { Page } from 'playwright-core';
import { buildPage } from '../../../../scripts/page.mjs';
import { missingChromium, testChromium } from '../../../support/chromium.ts';
import { onCleanup } from '../../../support/cleanup.ts';
import { type FakeDashboard, startFakeDashboard } from '../../../support/dashboard/fake.ts';
import type { Scene } from '../../../support/dashboard/fake-data.ts';
import { describeIf } from '../../../support/skip.ts';
import { makeTempDir } from '../../../support/tmp.ts';
import { until } from '../../../support/wait.ts';

/** The page over a fake of its server: states that real ones get into rarely. */
export const describePage = (name: string, body: () => void) =>
  describeIf(testChromium, missingChromium, `page of the dashboard: ${name}`, body);

/** `clock`: what time it is there; what it is here unless given. */
export async function startFake(clock?: () => number): Promise<FakeDashboard> {
  const folder = makeTempDir();
  const fake = await startFakeDashboard(folder, await buildPage(folder), clock ? { clock } : {});
  onCleanup(() => fake.close());
  return fake;
}

/** Goes there, and waits until what it shows has come. */
export async function visit(page: Page, fake: FakeDashboard, scene: Scene, hash = '#/'): Promise<void> {
  await page.goto(`${fake.origin}/${scene}/${hash}`);
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  await until(async () => (await page.getByText(/^(Loading…|…)$/).count()) === 0, {
    what: 'all of the page to be there',
  });
}
