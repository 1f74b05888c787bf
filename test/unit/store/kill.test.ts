import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { openSqlite } from '../../../src/store/sqlite.ts';

const child = join(import.meta.dirname, 'kill-child.ts');

/** Lets the child commit until `enough` generations are acknowledged, then kills it in the middle of its work. */
async function commitAndKill(dir: string, enough: number): Promise<number> {
  const running = spawn(process.execPath, [child, dir], { stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  running.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > enough) running.kill('SIGKILL');
  });
  await once(running, 'close');
  // A last line that was cut off is no acknowledgement.
  return Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
}

it('kill -9 in the middle of commits loses nothing acknowledged and tears no batch', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-kill-'));
  try {
    for (const enough of [20, 1, 150, 63]) {
      const acknowledged = await commitAndKill(dir, enough);
      const store = await openSqlite({ dir, log: pino({ enabled: false }) });
      const { generation, entries } = await store.load();
      await store.close();
      expect(generation).toBeGreaterThanOrEqual(acknowledged);
      const keys = new Set(entries.map((entry) => entry.route.key));
      const expected = Array.from({ length: generation }, (_, i) => i + 1).flatMap((g) =>
        ['a', 'b', 'c'].filter((part) => part !== 'a' || g > generation - 200).map((part) => `/${g}/${part}`),
      );
      expect(keys).toEqual(new Set(expected));
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}, 30_000);

it('kill -9 amid a large table that is stored in slices leaves the old table or the new one', async () => {
  for (const turns of [2, 8, 20]) {
    const dir = mkdtempSync(join(tmpdir(), 'signalbox-kill-'));
    try {
      const running = spawn(process.execPath, [join(import.meta.dirname, 'kill-amid-child.ts'), dir, `${turns}`]);
      const [, signal] = await once(running, 'close');
      expect(signal).toBe('SIGKILL');
      const store = await openSqlite({ dir, log: pino({ enabled: false }) });
      const { generation, entries } = await store.load();
      await store.close();
      const targets = entries.map(({ route }) => route.target);
      const isNew = generation === 2;
      expect([targets.length, ...new Set(targets)]).toEqual(isNew ? [60_000, 'http://new'] : [10, 'http://old']);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  }
}, 30_000);
