import type { BrowserContextOptions, Page } from 'playwright-core';
import { type Backend, startBackend } from '../../../support/backend.ts';
import { missingChromium, openPage, type PageOptions, testChromium } from '../../../support/chromium.ts';
import { anyNginx, missingNginx } from '../../../support/nginx.ts';
import { freePort } from '../../../support/ports.ts';
import { nginxProxy } from '../../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../../support/signalbox.ts';
import { describeIf } from '../../../support/skip.ts';
import { open } from '../../../support/ws-client.ts';
import { startDashboard } from '../scene.ts';

export const READ_TOKEN = 'only-reads';
/** Behind the same nginx as the servers of users, where the Hub puts it: the origin is theirs too. */
export const PREFIX = '/services/signalbox/';

export interface Scene {
  readonly signalbox: Signalbox;
  /** A backend that a route may lead to. */
  readonly backend: Backend;
  /** Of the dashboard, through nginx; ends with a slash. */
  readonly url: string;
  /** An empty page of somebody who has signed in, with the daemon's token unless `as` says otherwise. */
  openSignedIn(options?: VisitOptions): Promise<Page>;
  /** Such a page on a view: `routes?q=ada`. */
  visit(view?: string, options?: VisitOptions): Promise<Page>;
  /** The dashboard ends, and another one starts in its place: nobody has a session any more. */
  restartDashboard(): Promise<void>;
}

export interface VisitOptions extends PageOptions {
  readonly as?: 'operator' | 'viewer';
}

/** A suite in Chromium; skipped where that or nginx is missing. */
export function describeInChromium(name: string, body: () => void): void {
  describeIf(testChromium && anyNginx, missingChromium || `no nginx: ${missingNginx}`, name, body);
}

/** A real daemon with a real nginx, and the dashboard with its route. `args`: more flags of the daemon. */
export async function startScene({ args = [] }: { args?: readonly string[] } = {}): Promise<Scene> {
  if (!anyNginx) throw new Error(missingNginx);
  const signalbox = await startSignalbox({
    proxy: nginxProxy(anyNginx),
    env: { SIGNALBOX_READ_TOKEN: READ_TOKEN },
    args,
    truth: 'health',
  });
  const backend = await startBackend({ name: 'users' });
  const port = await freePort();
  const url = `${signalbox.url}${PREFIX}`;
  await signalbox.add('/services/signalbox', `http://127.0.0.1:${port}`, { service: 'signalbox' });

  const start = () =>
    startDashboard({
      api: signalbox.apiUrl,
      args: ['--public-url', url],
      env: { SIGNALBOX_API_TOKEN: signalbox.token, SIGNALBOX_READ_TOKEN: READ_TOKEN },
      prefix: PREFIX,
      port,
    });
  let dashboard = await start();

  // Signed in once: only a few tries a minute are allowed.
  const states = new Map<string, Awaited<ReturnType<typeof signIn>>>();
  const openSignedIn: Scene['openSignedIn'] = async ({ as = 'operator', ...options } = {}) => {
    const state = states.get(as) ?? (await signIn(url, as === 'operator' ? signalbox.token : READ_TOKEN));
    states.set(as, state);
    return openPage({ ...options, storageState: state });
  };
  return {
    signalbox,
    backend,
    url,
    openSignedIn,
    async visit(view = '', options = {}) {
      const page = await openSignedIn(options);
      await page.goto(`${url}#/${view}`);
      return page;
    },
    async restartDashboard() {
      await dashboard.child.stop();
      states.clear();
      dashboard = await start();
    },
  };
}

async function signIn(url: string, token: string): Promise<NonNullable<BrowserContextOptions['storageState']>> {
  const page = await openPage();
  await page.goto(url);
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(url);
  return page.context().storageState();
}

/** People as an operator meets them: used, connected, failing, gone, and never used. */
export async function addPeople({ signalbox, backend }: Pick<Scene, 'signalbox' | 'backend'>): Promise<void> {
  await signalbox.add('/', backend.url, { hub: true });
  for (const [name, server] of [['ada'], ['ada', 'gpu'], ['grace'], ['barbara'], ['margaret']] as const) {
    const path = server ? `/user/${name}/${server}` : `/user/${name}`;
    await signalbox.add(path, (await startBackend({ name })).url, { user: name, server_name: server ?? '' });
  }
  await signalbox.add('/user/edsger', `http://127.0.0.1:${await freePort()}`, { user: 'edsger', server_name: '' });
  await signalbox.add('/old-thing', backend.url);
  const visits: Readonly<Record<string, number>> = {
    '/user/ada/tree': 30,
    '/user/grace/slow/20': 5,
    '/user/barbara/status/503': 12,
    '/user/edsger/': 3,
  };
  for (const [target, times] of Object.entries(visits)) {
    for (let time = 0; time < times; time += 1) await signalbox.get(target);
  }
  await open(`${signalbox.url.replace('http', 'ws')}/user/ada/socket`);
}
