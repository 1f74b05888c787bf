import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { schemaSql } from '../../../src/store/postgres/migrations.ts';
import { startBackend } from '../../support/backend.ts';
import { BIN } from '../../support/bin.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { missingNginx, testNginxes } from '../../support/nginx.ts';
import { freePort } from '../../support/ports.ts';
import { missingPostgres, type Postgres, startPostgres, testPostgreses } from '../../support/postgres.ts';
import { runProcess } from '../../support/process.ts';
import { isAlive } from '../../support/process-tree.ts';
import { anyProxy } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { parsePage, root } from './pages.ts';
import { missingProgram } from './programs.ts';

const page = parsePage('docs/fleet.md', readFileSync(join(root, 'docs/fleet.md'), 'utf8'));
const blocks = page.blocks.filter(({ checkedBy }) => checkedBy === 'test/integration/docs/fleet.test.ts');
const block = (word: string) => blocks.find(({ text }) => text.includes(word))?.text ?? '';
const firstOther = blocks.findIndex(({ text }) => text.includes('GRANT CREATE'));

const PASSWORD = 'change-me';
const missing =
  (testNginxes.length > 0 ? undefined : missingNginx) ??
  (missingPostgres || undefined) ??
  ['bash', 'curl', 'psql', 'pg_dump', 'pg_restore'].map(missingProgram).find((reason) => reason !== undefined);

describeIf(missing === undefined, missing ?? '', 'docs/fleet.md', () => {
  const folder = makeTempDir('signalbox-docs-fleet-');
  let postgres: Postgres;
  let env: Record<string, string>;

  beforeAll(async () => {
    // pg_dump refuses a server that is newer than itself.
    const { stdout } = await runProcess('pg_dump', ['--version']);
    const major = Number.parseInt(/\d+/.exec(stdout)?.[0] ?? '', 10);
    const server = testPostgreses.findLast(({ version }) => Number.parseInt(version, 10) <= major);
    postgres = await startPostgres({ password: 'another', ...(server && { server }) });
    // psql is the superuser's.
    env = { PGHOST: postgres.socketDir, PGPORT: `${postgres.port}`, PGUSER: 'postgres', PATH: withSignalbox(folder) };
  }, 60_000);

  async function run(text: string, more: Record<string, string> = {}): Promise<string> {
    const { code, output } = await runProcess('bash', ['-c', `set -e -o pipefail\n${text}`], {
      cwd: folder,
      env: { ...env, ...more },
      timeout: 110_000,
    });
    expect(code, output).toBe(0);
    return output;
  }

  test('the five minutes on one machine', { timeout: 120_000 }, async () => {
    const backend = await startBackend();
    const ports = new Map([
      ['5432', postgres.port],
      ['9000', backend.port],
    ]);
    for (const port of ['8000', '8001', '8010', '8011', '8020', '8021']) ports.set(port, await freePort());
    const states = ['a', 'b', 'c'].map((name) => join(folder, `signalbox-${name}`));
    onCleanup(() => states.forEach(endNginx));
    const tried = blocks.slice(0, firstOther).map(({ text }) => text);
    expect(tried).toHaveLength(6);
    const script = tried
      .join('')
      .replace(/\b(?:5432|9000|80[012][01])\b/g, (port) => `${ports.get(port)}`)
      .replaceAll('/tmp/', `${folder}/`);
    const output = await run(`trap 'kill $(jobs -p) 2> /dev/null || true' EXIT\n${script}`, {
      SIGNALBOX_NGINX: anyProxy().path,
    });
    const times = [...output.matchAll(/^real\t(\d+)m([\d.]+)s/gm)].map(([, m, s]) => Number(m) * 60 + Number(s));
    expect(times[0], 'until the dead one was given up').toBeLessThan(9.5);
    expect(times[1], 'then').toBeLessThan(5);
    expect(times[2], 'while another one leaves').toBeLessThan(5);
    expect(output).toContain('it is about to end');
    expect(states.filter(existsSync)).toEqual([]);
  });

  describe('rights of the role', () => {
    const urlOf = (database: string) => `postgres://signalbox:${PASSWORD}@127.0.0.1:${postgres.port}/${database}`;
    const start = (args: string[] = []) =>
      startSignalbox({ proxy: anyProxy(), args, env: { SIGNALBOX_DATABASE: urlOf('shared') } });

    beforeAll(async () => {
      await postgres.query(`CREATE ROLE signalbox LOGIN PASSWORD '${PASSWORD}'`);
      await postgres.query('CREATE ROLE somebody LOGIN');
    });

    async function newDatabase(): Promise<void> {
      await postgres.query('DROP DATABASE IF EXISTS shared WITH (FORCE)');
      await postgres.query('CREATE DATABASE shared OWNER somebody');
    }

    async function changes(box: Signalbox): Promise<void> {
      const { url } = await startBackend();
      await box.add('/user/ada', url);
      expect((await box.api('PUT', '/api/routes', { '/user/bob': { target: url } })).status).toBe(200);
      await box.remove('/user/bob');
    }

    test('to make the tables', async () => {
      await newDatabase();
      await run(block('GRANT CREATE'));
      const box = await start(['--leave-time', '0s']);
      await changes(box);
      await box.stop();
    });

    test('to use those of somebody else', async () => {
      await newDatabase();
      await run(
        `psql -q -d shared <<'SQL'\nSET ROLE somebody;\n${schemaSql('signalbox')}\nSQL\n${block('GRANT USAGE')}`,
      );
      const box = await start(['--no-database-migrate', '--leave-time', '0s']);
      await changes(box);
      await box.stop();
      expect(box.logs()).not.toMatch(/permission denied/);
    });
  });

  test('a backup brings the table back', async () => {
    const { url: target } = await startBackend();
    await postgres.query('CREATE DATABASE saved');
    const url = postgres.url.replace(/postgres$/, 'saved');
    const box = await startSignalbox({
      proxy: anyProxy(),
      args: ['--leave-time', '0s'],
      env: { SIGNALBOX_DATABASE: url },
    });
    await box.add('/user/ada', target);
    await run(block('pg_dump'), { SIGNALBOX_DATABASE: url });
    await box.remove('/user/ada');
    await box.add('/user/bob', target);
    await box.stop();
    await run('pg_restore --clean --dbname="$SIGNALBOX_DATABASE" signalbox.dump', { SIGNALBOX_DATABASE: url });
    await box.restart();
    expect(Object.keys((await box.api('GET', '/api/routes')).json())).toEqual(['/user/ada']);
    expect((await box.get('/user/ada/')).status).toBe(200);
    expect((await box.get('/user/bob/')).status).toBe(404);
  });

  test('the way from SQLite', async () => {
    const { url: target } = await startBackend();
    const token = 'of-both';
    const old = await startSignalbox({ proxy: anyProxy(), token });
    await old.add('/user/ada', target, { user: 'ada' });
    const replica = await startSignalbox({
      proxy: anyProxy(),
      token,
      args: ['--leave-time', '0s', '--database-schema', 'moved'],
      env: { SIGNALBOX_DATABASE: postgres.url },
    });
    const fitted = block('routes export').replace('8001', `${old.apiPort}`).replace('8011', `${replica.apiPort}`);
    await run(fitted, { CONFIGPROXY_AUTH_TOKEN: token });
    const [before, after] = [await old.api('GET', '/api/routes'), await replica.api('GET', '/api/routes')];
    expect(after.json()).toEqual(before.json());
    expect((await replica.get('/user/ada/')).status).toBe(200);
  });
});

/** `signalbox` of this clone in front of the PATH. */
function withSignalbox(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'signalbox'), `#!/bin/sh\nexec '${process.execPath}' '${BIN}' "$@"\n`);
  chmodSync(join(bin, 'signalbox'), 0o755);
  return [bin, process.env.PATH].join(delimiter);
}

/** What a daemon that was killed has left, if nobody took it over. */
function endNginx(stateDir: string): void {
  const file = join(stateDir, 'nginx/nginx.pid');
  const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
  if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGTERM');
}
