import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { parsePage, root } from './pages.ts';
import { missingProgram } from './programs.ts';

const page = parsePage('docs/operations.md', readFileSync(join(root, 'docs/operations.md'), 'utf8'));
const command = page.blocks.find(({ text }) => text.startsWith('sqlite3 '))?.text ?? '';

/** The command of docs/operations.md; where there is no sqlite3, what it says through Node's SQLite. */
async function backUp(stateDir: string, copy: string): Promise<void> {
  const fitted = command.replaceAll('/var/lib/signalbox', stateDir).replaceAll('/var/backups/signalbox.db', copy);
  if (missingProgram('sqlite3') === undefined) {
    expect(await runProcess('sh', ['-c', fitted])).toMatchObject({ code: 0, output: '' });
    return;
  }
  const db = new DatabaseSync(join(stateDir, 'signalbox.db'));
  db.exec(/"(.*)"/.exec(fitted)?.[1] ?? '');
  db.close();
}

describeIf(anyNginx, missingNginx, 'a backup as docs/operations.md has it', () => {
  test('is taken while Signalbox runs, and brings the table back', async () => {
    const backend = await startBackend();
    const stateDir = join(makeTempDir(), 'state');
    const box = await startSignalbox({ proxy: anyProxy(), stateDir });
    await box.add('/user/ada', backend.url, { user: 'ada' });
    const copy = join(makeTempDir(), 'signalbox.db');
    await backUp(stateDir, copy);
    await box.remove('/user/ada');
    await box.add('/user/bob', backend.url);

    await box.stop();
    const database = join(stateDir, 'signalbox.db');
    renameSync(copy, database);
    for (const rest of ['-wal', '-shm']) rmSync(`${database}${rest}`, { force: true });
    await box.restart();
    const table = (await box.api('GET', '/api/routes')).json<Record<string, unknown>>();
    expect(table).toEqual({ '/user/ada': expect.objectContaining({ target: backend.url, user: 'ada' }) });
    expect((await box.get('/user/ada/')).status).toBe(200);
    expect((await box.get('/user/bob/')).status).toBe(404);
  });
});
