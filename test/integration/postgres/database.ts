import { randomUUID } from 'node:crypto';
import { beforeAll, onTestFinished } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { Connection, type ConnectionOptions } from '../../../src/store/postgres/connection.ts';
import { migrate } from '../../../src/store/postgres/migrations.ts';
import type { Change, Wanted } from '../../../src/store/postgres/statements.ts';
import { parseServers } from '../../../src/store/postgres/url.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { type Postgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { until } from '../../support/wait.ts';

/** For the tests of a file: one server, in which each test has a schema of its own. */
export function useDatabase(server: TestPostgres | undefined): { open(): Promise<Database> } {
  let postgres: Postgres;
  let count = 0;
  beforeAll(async () => {
    postgres = await startPostgres(server && { server });
    // Else it goes with the file, beside those of the other versions.
    return () => postgres.stop();
  });
  return {
    async open() {
      const schema = `test_${++count}`;
      const connection = await openConnection(postgres.url);
      onTestFinished(() => connection.close());
      await migrate(connection, schema);
      return { postgres, schema, connection };
    },
  };
}

export interface Database {
  readonly postgres: Postgres;
  readonly schema: string;
  readonly connection: Connection;
}

/** One that is up. */
export async function openConnection(url: string, options: Partial<ConnectionOptions> = {}): Promise<Connection> {
  const log = { info: () => {}, warn: () => {} };
  const servers = parseServers(url, { place: 'the test', env: {} });
  const connection = new Connection({ servers, name: 'test', log, ...options });
  connection.start();
  onCleanup(() => connection.close());
  await until(() => connection.isUp, { what: `a connection; ${connection.reason}` });
  return connection;
}

/** A route's data as the store gets it. */
export function dataOf(key: string, version = 1): string {
  return makeRoute(key, { target: `http://backend${key}`, version }).data;
}

/** A change of these keys to these versions; undefined removes. */
export function change(
  put: Readonly<Record<string, number | undefined>>,
  { lastActivity = Date.now(), ...more }: Partial<Change> & { lastActivity?: number } = {},
): Change {
  const wanted = Object.entries(put).map(([key, version]): [string, Wanted | undefined] => [
    key,
    version === undefined ? undefined : { data: dataOf(key, version), lastActivity },
  ]);
  return { stamp: randomUUID(), replica: 'one', own: 0, put: new Map(wanted), ...more };
}
