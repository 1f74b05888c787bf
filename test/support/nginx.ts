import { describe, test } from 'vitest';
import { ensureTestNginxes, type TestNginx, type TestNginxes } from '../../scripts/setup.mjs';

export type { TestNginx };

const found = await discover();

/** The nginxes of this machine that tests run against, the distribution's (old) before the wheel's (new). */
export const testNginxes: readonly TestNginx[] = found.present;

/** One nginx for tests in which its version doesn't matter; undefined when there is none. */
export const anyNginx: TestNginx | undefined = found.present[0];

/** Why there is no nginx of some kind, in one line. */
export const missingNginx = found.missing.map(({ label, reason }) => `${label}: ${reason}`).join('; ');

/** One suite for each nginx; one that is missing shows up as a skipped suite with the reason. */
export function describeEachNginx(name: string, body: (nginx: TestNginx) => void): void {
  for (const nginx of found.present) describe(`${name}, nginx ${nginx.version} (${nginx.label})`, () => body(nginx));
  for (const { label, reason } of found.missing) {
    describe(`${name}, nginx (${label})`, () => {
      test('all of it', ({ skip }) => skip(`no such nginx: ${reason}`));
    });
  }
}

/** `npm test` fetches what is missing and says what there is; a test file run alone takes what is on the machine already. */
async function discover(): Promise<TestNginxes> {
  const given = process.env.SIGNALBOX_TEST_NGINX;
  return given ? JSON.parse(given) : ensureTestNginxes({ fetch: false });
}
