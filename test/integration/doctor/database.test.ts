import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import pg from 'pg';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import type { CheckId } from '../../../src/cli/doctor/catalogue.ts';
import type { Examined } from '../../../src/cli/doctor/examine.ts';
import { makeCertificate } from '../../support/certificate.ts';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { missingPgBouncer, startPgBouncer } from '../../support/pgbouncer.ts';
import { freePort } from '../../support/ports.ts';
import { describeAnyPostgres, describeEachPostgres, type Postgres, startPostgres } from '../../support/postgres.ts';
import { anyProxy, proxyFlags } from '../../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../../support/signalbox.ts';
import { describeIf, testIf } from '../../support/skip.ts';
import { until } from '../../support/wait.ts';
import { runCli } from '../cli/run-cli.ts';

const ALL: readonly CheckId[] = [
  'database',
  'database-schema',
  'database-tls',
  'database-listen',
  'database-notify',
  'database-clock',
  'replicas',
  'advertise',
];

async function doctor(
  url: string,
  ids: readonly CheckId[],
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
) {
  const only = ids.flatMap((id) => ['--only', id]);
  const argv = ['doctor', '--json', ...only, ...flags];
  const { out, err } = await runCli(argv, { HOME: '/', PATH: process.env.PATH, SIGNALBOX_DATABASE: url, ...env });
  expect(err).toBe('');
  return JSON.parse(out) as Examined[];
}

const found = (id: CheckId, result: Examined['result'], message: RegExp, mend?: RegExp) => ({
  id,
  result,
  message: expect.stringMatching(message),
  ...(mend && { mend: expect.stringMatching(mend) }),
});

const as = (role: string, { url }: Postgres) => url.replace('postgres@', `${role}@`);

describeEachPostgres('doctor at a database', (server) => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres({ server });
    await postgres.query((await runCli(['schema'], {})).out);
  });

  test('finds nothing wrong when nothing is wrong', async () => {
    const ids = ALL.filter((id) => id.startsWith('database'));
    const list = await doctor(postgres.url, ids);
    expect(list).toEqual(ids.map((id) => found(id, 'ok', /./)));
  });

  test('finds one that is not there, and leaves the rest', async () => {
    const port = await freePort();
    const url = `postgres://postgres:hunter2@127.0.0.1:${port}/postgres`;
    expect(await doctor(url, ['database', 'database-tls'])).toEqual([
      found('database', 'fail', new RegExp(`127.0.0.1:${port}: connect ECONNREFUSED`), /firewall/),
      found('database-tls', 'skipped', /can't be used/),
    ]);
  });

  test('finds one that is a standby', async () => {
    const standby = await postgres.standby();
    onTestFinished(() => standby.kill());
    expect(await doctor(standby.url, ['database'])).toEqual([
      found('database', 'fail', /it is a standby/, /Name all servers in the URL/),
    ]);
    const both = standby.url.replace(`:${standby.port}`, `:${standby.port},127.0.0.1:${postgres.port}`);
    expect(await doctor(both, ['database'])).toEqual([
      found('database', 'ok', new RegExp(`:${postgres.port} lets us in`)),
    ]);
  });

  test.each([
    ['is read-only', "SET default_transaction_read_only = 'on'", /it is read-only/, /Name all servers/],
    [
      'has another isolation level',
      "SET default_transaction_isolation = 'serializable'",
      /"read committed" is needed/,
      /ALTER ROLE/,
    ],
  ])('finds one that %s', async (_, setting, message, mend) => {
    await postgres.query(`DROP ROLE IF EXISTS odd`);
    await postgres.query(`CREATE ROLE odd LOGIN; ALTER ROLE odd ${setting}`);
    expect(await doctor(as('odd', postgres), ['database'])).toEqual([found('database', 'fail', message, mend)]);
  });

  test('finds a role that is not let in', async () => {
    expect(await doctor(as('nobody', postgres), ['database'])).toEqual([
      found('database', 'fail', /role "nobody" does not exist/, /with psql/),
    ]);
  });

  test('finds a role that may not use the schema, or not all of its tables', async () => {
    await postgres.query('CREATE ROLE poor LOGIN');
    const ids = ['database-schema'] as const;
    const grant = /GRANT USAGE ON SCHEMA signalbox TO poor; GRANT SELECT, INSERT, UPDATE, DELETE/;
    const look = () => doctor(as('poor', postgres), ids);
    expect(await look()).toEqual([found('database-schema', 'fail', /may not use the schema signalbox/, grant)]);
    await postgres.query(
      'GRANT USAGE ON SCHEMA signalbox TO poor; GRANT SELECT ON ALL TABLES IN SCHEMA signalbox TO poor',
    );
    expect(await look()).toEqual([
      found('database-schema', 'fail', /it lacks .*INSERT, UPDATE, DELETE on routes/, grant),
    ]);
    await postgres.query('GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA signalbox TO poor');
    expect(await look()).toEqual([found('database-schema', 'ok', /poor may use its tables/)]);

    const other = ['--database-schema', 'other'];
    expect(await doctor(as('poor', postgres), ids, other)).toEqual([
      found('database-schema', 'fail', /other has no tables, and the role poor may not make them/, /signalbox schema/),
    ]);
    expect(await doctor(postgres.url, ids, other)).toEqual([found('database-schema', 'ok', /serve makes them/)]);
    expect(await doctor(postgres.url, ids, [...other, '--no-database-migrate'])).toEqual([
      found('database-schema', 'fail', /other of the database has no tables/, /signalbox schema/),
    ]);
  });

  test('finds a schema that is for newer releases', async () => {
    await postgres.query('UPDATE signalbox.meta SET schema = 9, oldest = 9');
    onTestFinished(() => void postgres.query('UPDATE signalbox.meta SET schema = 1, oldest = 1'));
    expect(await doctor(postgres.url, ['database-schema'])).toEqual([
      found('database-schema', 'fail', /takes releases that know version 9/, /newer release/),
    ]);
  });

  testIf(!missingPgBouncer, missingPgBouncer)('finds a pooler, and that database-listen goes around it', async () => {
    const pooler = await startPgBouncer(postgres);
    const ids = ['database', 'database-listen'] as const;
    expect(await doctor(pooler.url, ids)).toEqual([
      found('database', 'ok', /lets us in/),
      found('database-listen', 'warn', /a pooler such as PgBouncer/, /as database-listen/),
    ]);
    expect(await doctor(pooler.url, ids, ['--database-listen', postgres.url])).toMatchObject([
      { result: 'ok' },
      { result: 'ok' },
    ]);
    expect(await doctor(postgres.url, ['database-listen'], ['--database-listen', pooler.url])).toEqual([
      found('database-listen', 'warn', /pooler/, /database-listen leads through a pooler, too/),
    ]);
    await pooler.stop();
  });

  test('finds that its clock is an hour behind ours', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    onTestFinished(() => void vi.useRealTimers());
    expect(await doctor(postgres.url, ['database-clock'])).toEqual([
      found('database-clock', 'warn', /3[56]\d\d s apart/, /chrony/),
    ]);
  });
});

describeAnyPostgres('doctor at a database', () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address;

  describeIf(outside, 'this machine has no network', 'over a network', () => {
    async function through(postgres: Postgres): Promise<string> {
      const relay = createServer((socket) => {
        const target = connect(postgres.port, '127.0.0.1');
        for (const one of [socket, target]) one.on('error', () => {});
        socket.pipe(target).pipe(socket);
      }).listen(0, outside);
      onTestFinished(() => void relay.close());
      await once(relay, 'listening');
      return `postgres://postgres@${outside}:${(relay.address() as AddressInfo).port}/postgres`;
    }

    test('warns when it is not encrypted, and not when it is', async () => {
      const plain = await through(await startPostgres());
      expect(await doctor(plain, ['database-tls'])).toEqual([
        found('database-tls', 'warn', /is not encrypted/, /sslmode=verify-full/),
      ]);
      const encrypted = await through(await startPostgres({ tls: makeCertificate() }));
      expect(await doctor(encrypted, ['database-tls'])).toEqual([
        found('database-tls', 'ok', /is encrypted, whoever the server is \(sslmode=prefer\)/),
      ]);
    });
  });

  test('finds a queue of notifications that fills up', async ({ skip }) => {
    const postgres = await startPostgres();
    if (Number.parseInt(postgres.version, 10) < 17)
      return skip('the size of the queue can be set from PostgreSQL 17 on');
    await postgres.query('ALTER SYSTEM SET max_notify_queue_pages = 64');
    await postgres.stop();
    await postgres.start();
    const idle = new pg.Client({
      host: postgres.socketDir,
      port: postgres.port,
      user: 'postgres',
      database: 'postgres',
    });
    idle.on('error', () => {});
    await idle.connect();
    onTestFinished(() => idle.end());
    await idle.query('LISTEN anything; BEGIN; SELECT 1');
    await idle.query('COMMIT; BEGIN; SELECT 1');
    const fill = () =>
      postgres.query("SELECT pg_notify('anything', repeat('x', 7000) || n) FROM generate_series(1, 8) n");
    const look = () => doctor(postgres.url, ['database-notify']);
    await fill();
    expect(await look()).toEqual([found('database-notify', 'warn', /is filled to \d+ %$/, /pg_stat_activity/)]);
    for (let times = 0; times < 4; times++) await fill();
    expect(await look()).toEqual([found('database-notify', 'fail', /no change can be stored/, /pg_terminate_backend/)]);
  });
});

describeIf(anyNginx, missingNginx, 'doctor at a replica', () => {
  describeAnyPostgres('of PostgreSQL', () => {
    let postgres: Postgres;
    let signalbox: Signalbox;
    const look = (ids: readonly CheckId[], flags: readonly string[] = []) =>
      doctor(
        postgres.url,
        ids,
        [
          ...proxyFlags(anyProxy()),
          ...['--public', `127.0.0.1:${signalbox.port}`, '--api', `127.0.0.1:${signalbox.apiPort}`],
          ...['--state-dir', signalbox.stateDir, ...flags],
        ],
        { SIGNALBOX_API_TOKEN: signalbox.token },
      );
    const own = () => ['--advertise', signalbox.apiUrl];

    beforeAll(async () => {
      postgres = await startPostgres();
      signalbox = await startSignalbox({
        proxy: anyProxy(),
        advertise: true,
        args: ['--leave-time', '0s'],
        env: { SIGNALBOX_DATABASE: postgres.url },
      });
      await untilKnown(1);
    }, 90_000);

    const untilKnown = (count: number) =>
      until(
        async () => {
          const { fleet } = (await signalbox.api('GET', '/status')).json<{ fleet: { replicas: unknown[] } }>();
          return fleet.replicas.length === count;
        },
        { what: `${count} replicas to be known` },
      );

    /** One more, for as long as the test lasts. Nobody waits for it. */
    async function addReplica(more: { version?: string; api?: string | null; lease?: string }): Promise<void> {
      const { version = '0.0.1', api = null, lease = '1 hour' } = more;
      await postgres.query(
        `INSERT INTO signalbox.replicas (id, name, version, schema, api, state, renewed_at, lease_until)
         VALUES (gen_random_uuid(), 'other', $1, 1, $2, 'joining', now(), now() + $3::interval)`,
        [version, api, lease],
      );
      await untilKnown(2);
      onTestFinished(async () => {
        await postgres.query("DELETE FROM signalbox.replicas WHERE name = 'other'");
        await untilKnown(1);
      });
    }

    test('finds nothing wrong when nothing is wrong', async () => {
      const list = await look(ALL, own());
      expect(list).toEqual(ALL.map((id) => found(id, 'ok', /./)));
    });

    test('finds a replica of another version', async () => {
      await addReplica({ version: '0.0.1' });
      expect(await look(['replicas'])).toEqual([
        found('replicas', 'warn', /several versions .*other 0\.0\.1/, /Finish the rolling update/),
      ]);
    });

    test('finds a replica whose lease has ended', async () => {
      await addReplica({ lease: '-90 seconds' });
      expect(await look(['replicas'])).toEqual([
        found('replicas', 'warn', /has ended: other 9\d s ago/, /forgotten after an hour/),
      ]);
    });

    test('finds that a replica does not tell where its API is', async () => {
      expect(await look(['advertise'])).toMatchObject([{ result: 'skipped' }]);
      await addReplica({});
      expect(await look(['advertise'])).toEqual([
        found('advertise', 'warn', /does not tell the others/, /Set advertise to/),
      ]);
      expect(await look(['advertise'], own())).toEqual([
        found('advertise', 'warn', /where their API is: other/, /there, too/),
      ]);
    });

    test("finds that a replica's API can't be reached, or that something else is there", async () => {
      await addReplica({ api: `http://127.0.0.1:${await freePort()}` });
      expect(await look(['advertise'], own())).toEqual([
        found('advertise', 'warn', /can't be reached from here: http:\S+: connect ECONNREFUSED/, /NetworkPolicy/),
      ]);
      expect(await look(['advertise'], ['--advertise', signalbox.url])).toEqual([
        found('advertise', 'warn', new RegExp(`can't be reached from here: ${signalbox.url}`), /firewall/),
      ]);
    });
  });
});
