import { expect, test } from 'vitest';
import { actorOf, audited } from '../../../src/dashboard/audit.ts';

/** As the daemon reads it: the bytes as UTF-8. */
const heard = (name: string) => Buffer.from(actorOf({ name, mayOperate: true }), 'latin1').toString('utf8');

test.each([
  ['ada', 'ada via dashboard'],
  ['Zoë Ångström', 'Zoë Ångström via dashboard'],
  ['李雷 🦊', '李雷 🦊 via dashboard'],
  ['a\r\nX-Evil: 1', 'aX-Evil: 1 via dashboard'],
  ['\u0000\u0085b', 'b via dashboard'],
])('the daemon is told who %j is', (name, wanted) => {
  expect(heard(name)).toBe(wanted);
});

test('what it is told fits, and says whence it comes', () => {
  for (const name of ['a'.repeat(1_000), 'é'.repeat(500), '🦊'.repeat(200)]) {
    const header = actorOf({ name, mayOperate: true });
    expect(header.length).toBeLessThanOrEqual(200);
    expect(heard(name)).toMatch(/^(.)\1+ via dashboard$/u);
  }
});

test('the log says who did what, what was there before, and what went wrong', async () => {
  const lines: unknown[] = [];
  const log = { info: (...line: unknown[]) => lines.push(line), warn: (...line: unknown[]) => lines.push(line) };
  const deed = () => ({
    ...{ action: 'remove-route', viewer: { name: 'ada', mayOperate: true, hub: { token: 'secret', scopes: [] } } },
    ...{ about: { key: '/user/bob' }, before: 'http://10.0.0.1' },
  });
  await audited(log as never, deed, async () => 1);
  const failed = audited(log as never, deed, async () => {
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  const fields = { action: 'remove-route', actor: 'ada', key: '/user/bob', before: 'http://10.0.0.1' };
  expect(lines).toEqual([
    [fields, expect.any(String)],
    [{ ...fields, reason: 'no' }, expect.any(String)],
  ]);
});
