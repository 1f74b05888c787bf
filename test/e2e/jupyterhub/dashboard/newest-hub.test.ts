import { afterAll, expect, test } from 'vitest';
import { releaseAll } from '../../../support/cleanup.ts';
import { freePort } from '../../../support/ports.ts';
import { describeIf } from '../../../support/skip.ts';
import { startHub } from '../hub.ts';
import { missingProxy } from '../proxies.ts';
import { missingNewestJupyterHub, newestJupyterPath } from '../venv.ts';
import { managedDashboard } from './services.ts';
import { signInAndAct } from './sign-in-and-act.ts';

const missing = missingNewestJupyterHub ?? missingProxy('signalbox-beside');

describeIf(missing === undefined, missing ?? '', 'the dashboard of the newest JupyterHub', () => {
  afterAll(releaseAll);

  test('is signed in to with PKCE, which that Hub demands', async () => {
    const [port, another] = [await freePort(), await freePort()];
    const hub = await startHub({
      proxy: 'signalbox-beside',
      path: newestJupyterPath,
      settings: (own) => ({
        'Authenticator.admin_users': ['root'],
        'JupyterHub.oauth_require_pkce': true,
        'JupyterHub.services': [managedDashboard(own, port), { name: 'other', url: `http://127.0.0.1:${another}` }],
      }),
    });
    const dashboard = new URL('services/signalbox/', hub.url);
    const { page } = await signInAndAct(hub, dashboard, '/services/other');

    const asked = page.hops.find(({ pathname }) => pathname === '/hub/api/oauth2/authorize') ?? dashboard;
    asked.searchParams.delete('code_challenge');
    const { browser } = await hub.logIn('root');
    const { hops } = await browser.visit(asked);
    expect(hops.at(-1)?.searchParams.get('error')).toBe('invalid_request');
  });
});
