import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openPage } from '../../../support/chromium.ts';
import type { FakeDashboard } from '../../../support/dashboard/fake.ts';
import { describePage, startFake, visit } from './scene.ts';

/*
 * The pictures of README and docs/dashboard.md, of made-up people. `npm run docs:screenshots` makes them anew; any other run only looks
 * whether they are there, and as large as the page is now.
 */
const IMAGES = resolve(import.meta.dirname, '../../../../docs/images');
const MOST_BYTES = 150_000;
const isWriting = process.env.SIGNALBOX_WRITE_SCREENSHOTS !== undefined;

const VIEWS = {
  overview: { hash: '#/', height: 920 },
  routes: { hash: '#/routes?sort=requests&desc=true', height: 640 },
  route: { hash: '#/route?key=%2Fuser%2Fada', height: 810 },
} as const;

describePage('in the docs', () => {
  let fake: FakeDashboard;
  beforeAll(async () => {
    // The same minute each time.
    fake = await startFake(() => Date.UTC(2026, 10, 30, 14, 31, 7));
  });

  for (const [view, { hash, height }] of Object.entries(VIEWS)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      test(`${view}, ${colorScheme}`, async () => {
        const page = await openPage({
          viewport: { width: 1280, height },
          colorScheme,
          reducedMotion: 'reduce',
          locale: 'en-GB',
          timezoneId: 'UTC',
        });
        await visit(page, fake, 'full', hash);
        const picture = await page.screenshot();
        const file = join(IMAGES, `dashboard-${view}-${colorScheme}.png`);
        if (isWriting) writeFileSync(file, picture);
        const committed = readFileSync(file);
        expect(sizeOf(committed), `${file} is not of this page: npm run docs:screenshots`).toEqual(sizeOf(picture));
        expect(committed.length).toBeLessThan(MOST_BYTES);
      });
    }
  }
});

/** Of a PNG: its header has them at the same place always. */
function sizeOf(png: Buffer): { width: number; height: number } {
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}
