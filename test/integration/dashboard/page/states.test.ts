import { readFile } from 'node:fs/promises';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { openPage } from '../../../support/chromium.ts';
import type { FakeDashboard } from '../../../support/dashboard/fake.ts';
import { FAKE_ME } from '../../../support/dashboard/fake-data.ts';
import { until } from '../../../support/wait.ts';
import { describePage, startFake, visit } from './scene.ts';

const ADA = '#/route?key=%2Fuser%2Fada';
const BOB = '#/route?key=%2Fuser%2Fbob';
const REFUSED = [/status of (401|404|503)/];

describePage('what it says', () => {
  let fake: FakeDashboard;
  beforeAll(async () => {
    fake = await startFake();
  });
  beforeEach(() => {
    Object.assign(fake, { me: FAKE_ME, failing: undefined, garbled: undefined });
  });

  test('the token of the page is in its requests, and no longer in the document', async () => {
    const page = await openPage();
    await visit(page, fake, 'full');
    expect(await page.locator('meta[name="signalbox-page"]').count()).toBe(0);
    expect(await page.content()).not.toContain('fake-token');
  });

  test('what can not be known is never a 0, and says why', async () => {
    const page = await openPage();
    await visit(page, fake, 'blind');
    const figure = page.locator('.figure', { hasText: 'People connected' });
    expect(await figure.locator('dd').innerText()).toContain('—');
    expect(await figure.locator('dd').textContent()).toContain('another network namespace');
    await page.getByRole('region', { name: 'Open connections' }).getByText('They can not be seen').waitFor();
  });

  test('who may only look is told why, and is offered nothing else', async () => {
    fake.me = {
      ...FAKE_ME,
      mayOperate: false,
      viewOnly: 'The scope proxy is missing.',
      hub: { url: '/hub/', maySync: false, mayStop: false, mayListUsers: false },
    };
    const page = await openPage();
    await visit(page, fake, 'full', ADA);
    await page.getByText('View only. The scope proxy is missing.').waitFor();
    expect(await page.getByRole('button', { name: /Check|Stop|Remove/ }).count()).toBe(0);
    await visit(page, fake, 'full', '#/proxy');
    expect(await page.getByRole('button', { name: /Verify|sync/ }).count()).toBe(0);
  });

  test('the Hub’s own route and that of this dashboard can not be removed', async () => {
    const page = await openPage();
    for (const key of ['/', '/services/signalbox']) {
      await visit(page, fake, 'full', `#/route?${new URLSearchParams({ key })}`);
      await page.getByRole('button', { name: 'Check backend' }).waitFor();
      expect(await page.getByRole('button', { name: 'Remove route…' }).count()).toBe(0);
    }
  });

  test('a backend that takes no connection is told until it is dismissed', async () => {
    const page = await openPage();
    await visit(page, fake, 'trouble', BOB);
    await page.getByRole('button', { name: 'Check backend' }).click();
    await page.getByRole('status').getByText('takes no connection: connection refused').waitFor();
    expect(fake.asked.at(-1)).toBe('POST api/actions/check-target {"key":"/user/bob"}');
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await page.getByText('takes no connection').waitFor({ state: 'detached' });
  });

  test('a question stays while its action fails, says why, and is done when it works', async () => {
    const page = await openPage({ expected: REFUSED });
    await visit(page, fake, 'full', ADA);
    await page.getByRole('button', { name: 'Stop server…' }).click();
    const question = page.getByRole('dialog', { name: 'Stop this server?' });
    expect(await question.textContent()).toContain('ada');
    fake.failing = 503;
    await question.getByRole('button', { name: 'Stop the server' }).click();
    await question.getByRole('alert').getByText('ECONNREFUSED').waitFor();
    fake.failing = undefined;
    await question.getByRole('button', { name: 'Stop the server' }).click();
    await page.getByRole('status').getByText('is being stopped').waitFor();
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  test('the last data stays while the daemon is away, with its age', async () => {
    const page = await openPage({ expected: REFUSED });
    await visit(page, fake, 'full', '#/routes');
    fake.failing = 503;
    await page.getByText(/What is shown is from \d+ s ago/).waitFor();
    expect(await page.getByRole('rowheader').count()).toBe(100);
    fake.failing = undefined;
    await page.getByText('What is shown is from').waitFor({ state: 'detached' });
  });

  test('a session that has ended is begun anew once, not for ever', async () => {
    const page = await openPage({ expected: REFUSED });
    await visit(page, fake, 'full', '#/people');
    let loads = 0;
    page.on('load', () => loads++);
    fake.failing = 401;
    await page.getByText('You are signed out.').waitFor();
    expect(loads).toBe(1);
    fake.failing = undefined;
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('rowheader').first().waitFor();
    // There was a session in between: the next time that it ends counts anew.
    fake.failing = 401;
    await until(() => loads === 3, { what: 'the page to be loaded for the next session' });
  });

  test('a view that fails is a message, and the others are still there', async () => {
    const page = await openPage({ expected: [/.*/] });
    fake.garbled = 'api/traffic/people';
    await page.goto(`${fake.origin}/full/#/people`);
    await page.getByRole('alert').getByText('This page could not be shown').waitFor();
    expect(await page.getByRole('button', { name: 'Reload the page' }).count()).toBe(1);
    await page.getByRole('link', { name: 'Proxy' }).click();
    await page.getByRole('region', { name: 'Serving' }).waitFor();
  });

  test('a list is saved whole, as CSV that no spreadsheet runs', async () => {
    const page = await openPage();
    await visit(page, fake, 'hostile', '#/people');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download as CSV' }).click();
    const text = await readFile((await (await saved).path()) ?? '', 'utf8');
    expect(text.split('\r\n')[0]).toBe(
      '"user","servers","open","requests_per_minute","server_errors_last_hour","last_activity"',
    );
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")",`);
    await page.getByRole('status').getByText('Saved 13 rows').waitFor();
  });

  test('events are saved as lines of JSON, the oldest first', async () => {
    const page = await openPage();
    await visit(page, fake, 'full', '#/events');
    const saved = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download as JSON lines' }).click();
    const text = await readFile((await (await saved).path()) ?? '', 'utf8');
    const ids = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids).toHaveLength(240);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
  });

  test('what the Hub and the routes do not agree on is named, with a remedy', async () => {
    const page = await openPage();
    await visit(page, fake, 'trouble', '#/people');
    await page.getByRole('button', { name: 'Compare with the Hub' }).click();
    const compared = page.getByRole('region', { name: 'Compared with the Hub' });
    await compared.getByRole('table', { name: '1 route whose server the Hub does not have running' }).waitFor();
    await compared.getByRole('table', { name: '1 running server without a route' }).waitFor();
    await compared.getByRole('button', { name: 'Ask the Hub to sync…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Sync' }).click();
    await page.getByRole('status').getByText('The Hub has compared').waitFor();
    expect(fake.asked.at(-1)).toBe('POST api/actions/sync {}');
  });
});
