import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { missingChromium, openPage, testChromium } from '../../../support/chromium.ts';
import { releaseAll } from '../../../support/cleanup.ts';
import { freePort } from '../../../support/ports.ts';
import { describeIf } from '../../../support/skip.ts';
import { until } from '../../../support/wait.ts';
import { describeEachProxy } from '../each-proxy.ts';
import { type Hub, startHub } from '../hub.ts';
import type { PythonValue } from '../hub-config.ts';
import { HubUsers } from '../hub-users.ts';
import { managedDashboard } from './services.ts';

describeEachProxy('the dashboard of a Hub in a browser', ['signalbox-beside'], (proxy) => {
  describeIf(testChromium, missingChromium, 'that is Chromium', () => {
    let hub: Hub;
    let url: string;
    let users: HubUsers;

    beforeAll(async () => {
      const port = await freePort();
      const services = HubUsers.settings['JupyterHub.services'] as readonly PythonValue[];
      hub = await startHub({
        proxy,
        settings: (own) => ({
          ...HubUsers.settings,
          'Authenticator.admin_users': ['root'],
          'JupyterHub.services': [...services, managedDashboard(own, port)],
          'Spawner.cmd': ['python', join(import.meta.dirname, '../tiny_server.py')],
          'Spawner.args': [],
        }),
      });
      url = new URL('services/signalbox/', hub.url).href;
      users = new HubUsers(hub.hubPort, hub.port);
      await users.spawn(2, 2);
    }, 120_000);
    afterAll(releaseAll);

    async function logIn(page: Page): Promise<void> {
      await page.getByLabel('Username').fill('root');
      await page.getByLabel('Password').fill('any');
      await page.getByRole('button', { name: 'Sign in' }).click();
    }

    /** Signs in by the form of the Hub, and goes to a view of the dashboard. */
    async function visit(view: string, expected: readonly RegExp[] = []): Promise<Page> {
      const page = await openPage({ expected });
      await page.goto(url);
      await logIn(page);
      await page.getByText('serving').first().waitFor();
      await page.goto(`${url}#/${view}`);
      return page;
    }

    test('tells whose servers run, and that the Hub knows the same ones', async () => {
      const page = await visit('people');
      await page.getByRole('rowheader', { name: 'user-0', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Compare with the Hub' }).click();
      await page.getByText('Routes and servers agree').waitFor();
    });

    test('stops a server after a question, and its route goes', async () => {
      const page = await visit('route?key=%2Fuser%2Fuser-0', [/status of 404/]);
      await page.getByRole('link', { name: 'open the server' }).waitFor();
      await page.getByRole('button', { name: 'Stop server…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Stop the server' }).click();
      await page.getByText('This route is not in the table').waitFor();
      await until(async () => !(await users.running()).includes('user-0'), { what: 'the server to stop' });
    });

    test('leads to the form of the Hub after logging out there, in another tab, and back to the same view', async () => {
      const page = await visit('routes?q=user-1', [/status of 401/]);
      await page.getByRole('rowheader', { name: '/user/user-1' }).waitFor();
      const other = await page.context().newPage();
      await other.goto(new URL('hub/logout', hub.url).href);
      await other.close();
      await page.getByLabel('Username').waitFor();
      expect(page.url()).toContain('/hub/login');
      await logIn(page);
      await page.getByRole('rowheader', { name: '/user/user-1' }).waitFor();
      expect(page.url()).toContain('#/routes?q=user-1');
    });

    test('gives nothing to a script on the page of a user’s server, with all the cookies that come along', async () => {
      const page = await visit('', [/Failed to load resource/]);
      const script = await page.context().newPage();
      await script.goto(new URL('user/user-1/', hub.url).href);
      expect(await script.textContent('body')).toBe('user-1');
      const seen = (await script.evaluate(`Promise.all(['', 'api/status', 'oauth_callback?code=x&state=x'].map(
        (path) => fetch('/services/signalbox/' + path).then(async (answer) => [answer.status, await answer.text()])))`)) as [
        number,
        string,
      ][];
      expect(seen.map(([status]) => status)).toEqual([403, 401, 403]);
      expect(seen.join()).not.toContain('signalbox-page');
    });
  });
});
