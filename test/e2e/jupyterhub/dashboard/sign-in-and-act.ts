import { expect } from 'vitest';
import { Browser } from '../browser.ts';
import type { Hub } from '../hub.ts';
import { OpenPage } from './visitor.ts';

/** Signs in by the form of the Hub, takes a route away, and has the Hub put it back. */
export async function signInAndAct(hub: Hub, dashboard: URL, routeOfAnother: string): Promise<OpenPage> {
  const browser = new Browser();
  const form = await browser.visit(dashboard);
  expect(form.url.href).toContain(new URL('hub/login', hub.url).href);
  const page = new OpenPage(browser, await browser.submit(form, { username: 'root', password: 'any' }));
  expect(page.page.url.href).toBe(dashboard.href);
  expect(await page.me()).toMatchObject({ name: 'root', mayOperate: true });

  expect((await page.get('status')).status).toBe(200);
  expect((await page.act('remove-route', { key: routeOfAnother })).status).toBe(200);
  expect(Object.keys(await hub.routes())).not.toContain(routeOfAnother);
  expect((await page.act('sync')).status).toBe(200);
  expect(Object.keys(await hub.routes())).toContain(routeOfAnother);
  return page;
}
