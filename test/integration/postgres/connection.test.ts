import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { describeError } from '../../../src/errors.ts';
import { Connection, type ConnectionOptions } from '../../../src/store/postgres/connection.ts';
import { OutcomeUnknown, sqlState } from '../../../src/store/postgres/failures.ts';
import { parseServers } from '../../../src/store/postgres/url.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { startForwarder } from '../../support/forwarder.ts';
import { missingPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts';
import { freePort } from '../../support/ports.ts';
import {
  describeAnyPostgres,
  describeEachPostgres,
  makePassword,
  type Postgres,
  startPostgres,
  startPostgresForTest,
} from '../../support/postgres.ts';
import { testIf } from '../../support/skip.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { until } from '../../support/wait.ts';

const HOME = makeTempDir();
const MS = 10_000;

interface Watched {
  readonly connection: Connection;
  /** What it told and logged, in order. */
  readonly events: string[];
  up(): Promise<void>;
  down(reason?: RegExp): Promise<void>;
}

let open: Connection[] = [];
afterEach(async () => {
  await Promise.all(open.map((connection) => connection.close()));
  open = [];
});

function connect(url: string, options: Partial<ConnectionOptions> = {}): Watched {
  const events: string[] = [];
  const log = (level: string) => (fields: object, message: string) =>
    void events.push(`${level}: ${message} ${JSON.stringify(fields)}`);
  const connection = new Connection({
    servers: parseServers(url, { place: 'the test', env: { HOME } }),
    name: 'test',
    log: { info: log('info'), warn: log('warn') },
    onDown: (reason) => events.push(`down: ${reason}`),
    ...options,
  });
  open.push(connection);
  connection.start();
  return {
    connection,
    events,
    up: async () => void (await until(() => connection.isUp, { what: `a connection; ${connection.reason}` })),
    async down(reason = /./) {
      await until(() => reason.test(connection.reason ?? ''), { what: `the end, not ${connection.reason}` });
      expect(connection.isUp).toBe(false);
    },
  };
}

const warnings = (events: readonly string[]) => events.filter((event) => event.startsWith('warn')).length;

describeEachPostgres('a connection to the database', (server) => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres({ server });
  });

  test('has a name, gives 64 bits as numbers and notifications to whoever listens', async () => {
    const heard: string[] = [];
    const { connection, up } = connect(postgres.url, {
      onUp: async ({ query }) => void (await query('LISTEN "some channel"', [], MS)),
      onNotification: (channel, payload) => heard.push(`${channel}: ${payload}`),
    });
    await up();
    const rows = await connection.query(
      "SELECT 9007199254740991 AS max, current_setting('application_name') AS name, $1::text[] AS texts",
      [['a"\\{,}', null, '', 'null', 'é\u{1f600}']],
      MS,
    );
    expect(rows).toEqual([
      { max: 2 ** 53 - 1, name: 'signalbox test', texts: ['a"\\{,}', null, '', 'null', 'é\u{1f600}'] },
    ]);
    await postgres.query(`SELECT pg_notify('some channel', 'hello')`);
    await until(() => heard.length > 0, { what: 'the notification' });
    expect(heard).toEqual(['some channel: hello']);
  });

  test('a statement that the database refuses does not end it, and says why', async () => {
    const { connection, up } = connect(postgres.url);
    await up();
    const [before] = await connection.query('SELECT pg_backend_pid() AS pid', [], MS);
    const error = await connection.query('SELECT 1/$1::int', [0], MS).catch((failure) => failure);
    expect(error).toMatchObject({ code: 'STORE_FAILED' });
    expect(error).not.toBeInstanceOf(OutcomeUnknown);
    expect([sqlState(error), describeError(error)]).toEqual(['22012', expect.stringContaining('division by zero')]);
    expect(await connection.query('SELECT pg_backend_pid() AS pid', [], MS)).toEqual([before]);
  });

  test('runs statements one after the other, and lets none come into a transaction', async () => {
    await postgres.query('CREATE TABLE numbers (n int)');
    const { connection, up } = connect(postgres.url);
    await up();
    const count = 'SELECT count(*) FROM numbers';
    const transaction = connection.transaction(async (query) => {
      await query('INSERT INTO numbers VALUES (1)', [], MS);
      await new Promise((resolve) => setImmediate(resolve));
      return query('INSERT INTO numbers VALUES (2) RETURNING n', [], MS);
    });
    const later = connection.query(count, [], MS);
    expect(await transaction).toEqual([{ n: 2 }]);
    expect(await later).toEqual([{ count: 2 }]);

    const failed = connection.transaction(async (query) => {
      await query('DELETE FROM numbers', [], MS);
      throw new Error('no');
    });
    await expect(failed).rejects.toThrow('no');
    // Who does not mind that a statement failed is not told that it was stored.
    const hushed = connection.transaction(async (query) => {
      await query('DELETE FROM numbers', [], MS);
      await query('SELECT 1/0', [], MS).catch(() => {});
    });
    await expect(hushed).rejects.toMatchObject({ code: 'STORE_FAILED' });
    expect(await connection.query(count, [], MS)).toEqual([{ count: 2 }]);
  });

  test('after a kill -9 statements are refused at once, and it comes back on its own', async () => {
    const ups: number[] = [];
    const onUp: ConnectionOptions['onUp'] = async ({ query }) => {
      ups.push((await query<{ n: number }>('SELECT 1::bigint AS n', [], MS))[0]?.n ?? 0);
    };
    const { connection, events, up, down } = connect(postgres.url, { onUp });
    await up();
    const lost = connection.query('SELECT pg_sleep(30)', [], 60_000);
    lost.catch(() => {});
    await until(
      async () => (await postgres.query("SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sl%'")).length,
      {
        what: 'the statement to be under way',
      },
    );
    await postgres.kill();
    await expect(lost).rejects.toBeInstanceOf(OutcomeUnknown);
    await down(/ECONNREFUSED/);
    const refused = connection.query('SELECT 1', [], MS);
    await expect(refused).rejects.toThrow(
      `the database at 127.0.0.1:${postgres.port} can't be reached: connect ECONNREFUSED`,
    );
    await expect(connection.query('SELECT 1', [], MS)).rejects.not.toBeInstanceOf(OutcomeUnknown);
    expect(connection.server).toBeUndefined();

    await postgres.start();
    const since = performance.now();
    await up();
    expect(performance.now() - since).toBeLessThan(3_000);
    expect(ups).toEqual([1, 1]);
    expect(events.filter((event) => event.startsWith('down'))).toHaveLength(1);
    expect(warnings(events)).toBe(1);
    expect(events.at(-1)).toContain('info: connected to the database (test)');
  });

  test('an end in good order is noticed, and its reason told', async () => {
    const { events, up, down } = connect(postgres.url);
    await up();
    await postgres.stop();
    await down();
    expect(events.join('\n')).toMatch(/down: terminating connection due to administrator command/);
    await postgres.start();
    await up();
  });

  test('a dead cable ends it at the deadline; it comes back when the cable does', async () => {
    const forwarder = await startForwarder(postgres.port);
    const { connection, up, down } = connect(postgres.url.replace(`:${postgres.port}`, `:${forwarder.port}`));
    await up();
    forwarder.cut();
    const since = performance.now();
    const first = connection.query('SELECT 1', [], 300);
    const second = connection.query('SELECT 2', [], 300);
    await expect(first).rejects.toThrow('was lost before it answered: it did not answer within 0.3 s');
    await expect(second).rejects.toThrow("can't be reached: it did not answer within 0.3 s");
    expect(performance.now() - since).toBeLessThan(2_000);
    // A new one is not answered either.
    await down(/it did not answer within 3 s/);
    forwarder.restore();
    await up();
  });

  test('closing finishes what is under way, and refuses what comes after', async () => {
    const { connection, events, up } = connect(postgres.url);
    await up();
    const slow = connection.query('SELECT pg_sleep(0.2), 7 AS n', [], MS);
    await connection.close();
    expect(await slow).toMatchObject([{ n: 7 }]);
    await expect(connection.query('SELECT 1', [], MS)).rejects.toThrow('it is closed');
    expect(events.filter((event) => !event.startsWith('info'))).toEqual([]);
    const name = "SELECT 1 FROM pg_stat_activity WHERE application_name = 'signalbox test'";
    await until(async () => (await postgres.query(name)).length === 0, { what: 'the session to be gone' });
  });
});

describeEachPostgres('which database is taken', (server) => {
  test('the first that can be written to: not a standby, until it is promoted', async () => {
    const primary = await startPostgresForTest({ server });
    const standby = await primary.standby();
    onTestFinished(() => standby.stop());
    const url = `postgres://postgres@127.0.0.1:${standby.port},127.0.0.1:${primary.port}/postgres`;
    const { connection, events, up, down } = connect(url);
    await up();
    expect(connection.server).toEqual({ host: '127.0.0.1', port: primary.port });
    await primary.kill();
    await down(
      new RegExp(`:${standby.port}: it is a standby, which can only be read; 127.0.0.1:${primary.port}: connect`),
    );
    await standby.promote();
    await up();
    expect(connection.server?.port).toBe(standby.port);
    expect(warnings(events)).toBe(1);
  });

  test.each<[string, string, RegExp]>([
    ['is read-only', "ALTER ROLE postgres SET default_transaction_read_only = 'on'", /it is read-only/],
    [
      'has another isolation level',
      "ALTER ROLE postgres SET default_transaction_isolation = 'serializable'",
      /default_transaction_isolation is "serializable"/,
    ],
  ])('none that %s', async (_, statement, reason) => {
    const postgres = await startPostgresForTest({ server });
    await postgres.query(statement);
    const { up, down } = connect(postgres.url);
    await down(reason);
    // The session that turns it off is under it as well.
    await postgres.query('BEGIN READ WRITE; ALTER ROLE postgres RESET ALL; COMMIT');
    await up();
  });

  test('none in another encoding, and none that is not there', async () => {
    const postgres = await startPostgresForTest({ server });
    await postgres.query("CREATE DATABASE old ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
    const other = (name: string) => connect(postgres.url.replace(/postgres$/, name));
    await other('old').down(/its encoding is LATIN1, UTF8 is needed/);
    await other('none').down(/database "none" does not exist/);
  });

  test('one that becomes read-only is left', async () => {
    const postgres = await startPostgresForTest({ server });
    await postgres.query('CREATE TABLE t (n int)');
    const { connection, up, events } = connect(postgres.url);
    await up();
    await connection.query('SET default_transaction_read_only = on', [], MS);
    await expect(connection.query('INSERT INTO t VALUES (1)', [], MS)).rejects.toThrow('refused a statement');
    await until(() => events.some((event) => event === 'down: it has become read-only'), { what: 'its end' });
    await up();
    await connection.query('INSERT INTO t VALUES (1)', [], MS);
  });
});

describeAnyPostgres('how the database is asked', () => {
  test('a password of whatever characters; a wrong or missing one is said, and none is ever shown', async () => {
    const password = makePassword();
    const postgres = await startPostgresForTest({ password });
    const good = connect(postgres.url);
    await good.up();
    const server = `127.0.0.1:${postgres.port}/postgres`;
    const wrong = connect(`postgres://postgres:wr0ng-secret@${server}`);
    await wrong.down(/password authentication failed for user "postgres"/);
    const none = connect(`postgres://postgres@${server}`);
    await none.down(/it asks for a password, and none is given$/);
    const passFile = join(HOME, '.pgpass');
    writeFileSync(passFile, `127.0.0.1:*:*:postgres:${password.replaceAll(/([:\\])/g, '\\$1')}\n`, { mode: 0o644 });
    await none.down(/none is given \(the password file .* is not used: others may read it, make it 0600\)/);
    chmodSync(passFile, 0o600);
    await none.up();
    const error = await wrong.connection.query('SELECT 1', [], MS).catch((failure) => failure);
    const shown = [good, wrong, none].flatMap(({ events, connection }) => [
      ...events,
      inspect(connection, { depth: 9, showHidden: true }),
    ]);
    shown.push(inspect(error, { depth: 9 }));
    for (const secret of [password, 'wr0ng-secret', encodeURIComponent(password)])
      expect(shown.join('\n')).not.toContain(secret);
  });

  test('over its unix socket', async () => {
    const postgres = await startPostgresForTest();
    const { up, connection } = connect(
      `postgres://postgres@/postgres?host=${postgres.socketDir}&port=${postgres.port}&sslmode=require`,
    );
    await up();
    expect(connection.server?.host).toBe(postgres.socketDir);
  });

  describe('with TLS', () => {
    const { cert, key } = makeCertificate('localhost', ['localhost']);
    const file = (name: string, text: string) => {
      const path = join(HOME, name);
      writeFileSync(path, text, { mode: 0o600 });
      return path;
    };
    const isEncrypted = async ({ connection, up }: Watched) => {
      await up();
      return (await connection.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()', [], MS))[0];
    };

    test('as strictly as sslmode says', async () => {
      const postgres = await startPostgresForTest({ tls: { cert, key } });
      const right = file('right.crt', cert);
      const other = makeCertificate('elsewhere', ['elsewhere']);
      const at = (host: string, parameters: string) =>
        connect(`postgres://postgres@${host}:${postgres.port}/postgres?${parameters}`);
      for (const parameters of [
        'sslmode=prefer',
        'sslmode=require',
        `sslmode=verify-ca&sslrootcert=${right}`,
        `sslmode=verify-full&sslrootcert=${right}`,
      ]) {
        expect(await isEncrypted(at('127.0.0.1', parameters)), parameters).toEqual({ ssl: true });
      }
      expect(await isEncrypted(at('127.0.0.1', 'sslmode=disable'))).toEqual({ ssl: false });
      expect(await isEncrypted(at('127.0.0.1', 'sslmode=allow'))).toEqual({ ssl: false });
      const wrong = file('wrong.crt', other.cert);
      for (const mode of ['verify-full', 'verify-ca', 'require']) {
        await at('127.0.0.1', `sslmode=${mode}&sslrootcert=${wrong}`).down(/certificate/);
      }
    });

    test("a name that is not the certificate's is refused by verify-full alone", async () => {
      const elsewhere = makeCertificate('elsewhere', ['elsewhere']);
      const roots = file('elsewhere.crt', elsewhere.cert);
      const postgres = await startPostgresForTest({ tls: elsewhere });
      const at = (mode: string) =>
        connect(`postgres://postgres@localhost:${postgres.port}/postgres?sslmode=${mode}&sslrootcert=${roots}`);
      await at('verify-full').down(/localhost.* is not in the cert's altnames/);
      expect(await isEncrypted(at('verify-ca'))).toEqual({ ssl: true });
    });

    test('prefer goes without where the server has none, require does not', async () => {
      const postgres = await startPostgresForTest();
      expect(await isEncrypted(connect(`${postgres.url}?sslmode=prefer`))).toEqual({ ssl: false });
      await connect(`${postgres.url}?sslmode=require`).down(/does not support SSL/);
    });
  });

  testIf(!missingPgBouncer, missingPgBouncer)('through PgBouncer in transaction mode', async () => {
    // pg would send it at the start, and PgBouncer refuses that.
    process.env.PGOPTIONS = '-c work_mem=5MB';
    onCleanup(() => delete process.env.PGOPTIONS);
    const postgres = await startPostgresForTest();
    await postgres.query('CREATE TABLE t (n int)');
    const pooler = await startPgBouncer(postgres);
    const all = Array.from({ length: 8 }, () => connect(pooler.url));
    await Promise.all(all.map(({ up }) => up()));
    const work = all.flatMap(({ connection }) =>
      Array.from({ length: 50 }, (_, n) =>
        n % 5 === 0
          ? connection.transaction((query) => query('INSERT INTO t VALUES ($1)', [n], MS))
          : connection.query('SELECT $1::int + count(*) FROM t WHERE n < 0', [n], MS),
      ),
    );
    await Promise.all(work);
    expect(await postgres.query('SELECT count(*)::int AS rows FROM t')).toEqual([{ rows: 80 }]);
    expect(await all[0]?.connection.query('SELECT current_setting($1) AS mem', ['work_mem'], MS)).toEqual([
      { mem: '4MB' },
    ]);
    await pooler.stop();
    await all[0]?.down(/ECONNREFUSED/);
  });

  test("what fails when a session is new counts as the session's failure", async () => {
    const postgres = await startPostgresForTest();
    let works = false;
    const { events, up, down } = connect(postgres.url, {
      onUp: async ({ query }) => {
        if (!works) await query('SELECT * FROM missing', [], MS);
      },
    });
    await down(/relation "missing" does not exist/);
    expect(events.join()).not.toContain('down:');
    works = true;
    await up();
  });
});

test('servers that come to nothing are tried no more than four times a second, which is logged once', async () => {
  let tries = 0;
  const server = createServer((socket) => {
    tries++;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onCleanup(() => server.close());
  const { port } = server.address() as AddressInfo;
  const dead = await freePort();
  const hosts = [port, dead, port].map((one) => `127.0.0.1:${one}`).join(',');
  const since = performance.now();
  const { connection, events } = connect(`postgres://ada@${hosts}/d?sslmode=disable`);
  await until(() => tries >= 6, { what: 'some tries' });
  const seconds = (performance.now() - since) / 1_000;
  // 9 servers in all: 4 at once, then 4 a second.
  expect(seconds).toBeGreaterThan(1);
  expect(tries).toBeLessThanOrEqual(4 * (seconds + 1));
  expect(warnings(events)).toBe(1);
  const message = `the database at ${hosts.replaceAll(',', ', ')} can't be reached: 127.0.0.1:${port}: `;
  await expect(connection.query('SELECT 1', [], MS)).rejects.toThrow(message);
});
