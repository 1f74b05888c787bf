import { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBackend } from '../../support/backend.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { runProcess } from '../../support/process.ts';
import { anyProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';
import { parsePage, root } from './pages.ts';
import { missingProgram } from './programs.ts';

const page = parsePage('docs/operations.md', readFileSync(join(root, 'docs/operations.md'), 'utf8'));
const block = page.blocks.find(({ text }) => text.includes('sqlite3 '))?.text ?? '';

/** Runs the block of docs/operations.md; where there is no sqlite3, with Node's SQLite in its place. */
async function backUp(stateDir: string, copies: string): Promise<void> {
  const fitted = block.replaceAll('/var/lib/signalbox', stateDir).replaceAll('/var/backups', copies);
  const path = missingProgram('sqlite3') === undefined ? [] : [sqliteOfNode()];
  const env = { PATH: [...path, process.env.PATH].join(':') };
  expect(await runProcess('sh', ['-c', fitted], { env })).toMatchObject({ code: 0, output: '' });
}

function sqliteOfNode(): string {
  const dir = makeTempDir();
  const script = 'new (require("node:sqlite").DatabaseSync)(process.argv[1]).exec(process.argv[2])';
  writeFileSync(join(dir, 'sqlite3'), `#!/bin/sh\nexec '${process.execPath}' --no-warnings -e '${script}' -- "$@"\n`, {
    mode: 0o755,
  });
  return dir;
}

describeIf(anyNginx, missingNginx, 'a backup as docs/operations.md has it', () => {
  test('is taken while Signalbox runs, and brings the table back', async () => {
    const backend = await startBackend();
    const stateDir = join(makeTempDir(), 'state');
    const box = await startSignalbox({ proxy: anyProxy(), stateDir });
    await box.add('/user/ada', backend.url, { user: 'ada' });
    const copies = makeTempDir();
    await backUp(stateDir, copies);
    const [copy = ''] = readdirSync(copies).map((name) => join(copies, name));
    // The next night, or the next second.
    await until(() => Date.now() - statSync(copy).birthtimeMs > 1_100, { what: 'another second' });
    await backUp(stateDir, copies);
    expect(readdirSync(copies)).toHaveLength(2);
    expect(statSync(copy).mode & 0o777).toBe(0o600);
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
