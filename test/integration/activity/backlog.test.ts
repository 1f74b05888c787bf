import { closeSync, mkdirSync, openSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runs } from '../../support/chance.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { anyProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { WALL_CLOCK } from '../../support/wall-clock.ts';

/** The least makes a log that is large enough to be rotated. */
const LINES = Math.max(runs(3_000_000).numRuns, 1_300_000);

test(
  `a backlog of ${LINES} lines delays neither the start nor the API, and memory stays bounded`,
  WALL_CLOCK,
  async ({ skip }) => {
    if (!anyNginx) return skip(missingNginx);
    const stateDir = join(makeTempDir(), 'state');
    const log = join(stateDir, 'nginx/access.log');
    mkdirSync(join(stateDir, 'nginx'), { recursive: true });
    writeLines(log, LINES);
    const box = await startSignalbox({ proxy: anyProxy(), stateDir });

    const read = async () => (await box.api('GET', '/status')).json<{ activity: { lines: number } }>().activity.lines;
    const took: number[] = [];
    let memory = 0;
    while ((await read()) < LINES) {
      const from = performance.now();
      await box.add(`/user/n${took.length % 50}`, 'http://127.0.0.1:9');
      await box.api('GET', '/api/routes');
      took.push(performance.now() - from);
      memory = Math.max(memory, residentBytes(await metrics()));
    }
    took.sort((a, b) => a - b);
    const p95 = took[Math.floor(took.length * 0.95)] ?? 0;
    expect(p95).toBeLessThan(500);
    expect(memory).toBeLessThan(300e6);
    await until(() => statSync(log).size === 0, { what: 'the log to be rotated' });

    async function metrics(): Promise<string> {
      return (await box.api('GET', '/metrics')).text();
    }
  },
);

function residentBytes(metrics: string): number {
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(metrics)?.[1]);
}

function writeLines(path: string, count: number): void {
  const fd = openSync(path, 'w');
  const now = Date.now() / 1000 - 3_600;
  for (let done = 0; done < count; done += 10_000) {
    const lines = Array.from({ length: 10_000 }, (_, index) => {
      return `${(now + done / 1e6).toFixed(3)} 200 0.012 5120 431 602 -OK /user/n${index % 50}\n`;
    });
    writeSync(fd, lines.join(''));
  }
  closeSync(fd);
}
