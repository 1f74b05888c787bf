import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { ensureChromium, type TestChromium } from '../../scripts/setup/chromium.mjs';
import { onCleanup } from './cleanup.ts';

const { chromium: found, reason } = await discover();

/** The Chromium of the tests; undefined when there is none. */
export const testChromium: TestChromium | undefined = found;

/** Why there is none, in one line; empty when there is one. */
export const missingChromium = found ? '' : `no Chromium: ${reason}`;

let running: Promise<Browser> | undefined;

export interface PageOptions extends BrowserContextOptions {
  /** Complaints that the test brings about: an answer of 401, a daemon that is down. */
  readonly expected?: readonly RegExp[];
}

/**
 * A page in a browser of its own as far as cookies go; all of a test file share one process. It is closed at the end of the
 * test, which fails when the page had anything to complain of.
 */
export async function openPage({ expected = [], ...options }: PageOptions = {}): Promise<Page> {
  running ??= launchChromium();
  const context = await (await running).newContext(options);
  const complaints = complaintsOf(context, expected);
  onTestFinished(async () => {
    await context.close();
    expect(complaints, 'what the page complained of').toEqual([]);
  });
  return context.newPage();
}

/** Errors and warnings on the console, exceptions that nobody caught, and dialogs; the list grows as they come. */
export function complaintsOf(context: BrowserContext, expected: readonly RegExp[] = []): string[] {
  const complaints: string[] = [];
  const complain = (text: string) => {
    if (!expected.some((one) => one.test(text))) complaints.push(text);
  };
  context.on('weberror', (error) => complain(`exception: ${error.error().message}`));
  context.on('dialog', (dialog) => {
    complain(`dialog: ${dialog.message()}`);
    dialog.dismiss().catch(() => undefined);
  });
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complain(`console: ${message.text()}`);
  });
  return complaints;
}

/** A process of Chromium, which ends with the test file. */
export async function launchChromium(): Promise<Browser> {
  if (!found) throw new Error(missingChromium);
  const browser = await chromium.launch({ executablePath: found.path });
  onCleanup(() => browser.close());
  return browser;
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails unless the page, as it is just now, passes the rules of axe-core: all, for WCAG 2 A and AA and its best practices, or these. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  expect(await findViolations(page, rules), `axe-core on ${page.url()}`).toEqual([]);
}

/** What axe-core finds. It gets in over the debugger, as a page's CSP lets no script in. */
export async function findViolations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const debug = await page.context().newCDPSession(page);
  const evaluate = async (expression: string) => {
    const { result, exceptionDetails } = await debug.send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  };
  await evaluate(axeSource);
  const options = { resultTypes: ['violations'], preload: false, ...(rules && { runOnly: rules }) };
  const { violations } = (await evaluate(`axe.run(${JSON.stringify(options)})`)) as AxeResults;
  await debug.detach();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}\n${node.failureSummary}`));
}

/** `npm test` fetches one and says which; a test file run alone takes what is on the machine already. */
async function discover(): Promise<{ readonly chromium?: TestChromium; readonly reason: string }> {
  const given = process.env.SIGNALBOX_TEST_CHROMIUM;
  return given ? JSON.parse(given) : ensureChromium({ fetch: false });
}
