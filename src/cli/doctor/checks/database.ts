import { type Finding, fail, ok, skipped } from '../check.ts';
import { WITH_SQLITE } from '../in-database.ts';
import type { Scene } from '../scene.ts';

/** What a reason asks for; the first that fits counts. */
const MENDS: readonly (readonly [reason: RegExp, mend: string])[] = [
  [/14 or newer/, 'Upgrade the server.'],
  [
    /standby|read-only/,
    'Name all servers in the URL (postgres://HOST1,HOST2/NAME), or the name that follows the primary. While a failover is under way it is right for a moment.',
  ],
  [
    /default_transaction_isolation/,
    "ALTER ROLE … SET default_transaction_isolation = 'read committed', in that database or for all of the server.",
  ],
  [/encoding/, "Make a database with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0."],
  [
    /password|authentication|pg_hba|role "|database "/,
    'Try the same URL with psql. The password is read from the URL, PGPASSWORD or ~/.pgpass (0600) of the user that Signalbox runs as; pg_hba.conf has to let it in.',
  ],
  [
    /SSL|TLS|certificate/i,
    'sslmode and sslrootcert of the URL have to fit the server: it needs a certificate of that authority, for that name.',
  ],
];
const UNREACHABLE =
  'Is it running, and does a firewall or a NetworkPolicy let this machine reach it? Users are served meanwhile; changes get 503.';

/** Can the table be read and written there? */
export function database({ database }: Scene): Finding {
  if (database === undefined) return skipped(WITH_SQLITE);
  if ('failure' in database) {
    const [, mend = UNREACHABLE] = MENDS.find(([reason]) => reason.test(database.failure)) ?? [];
    return fail(`the database can't be used: ${database.failure}`, mend);
  }
  return ok(`the server at ${database.where} lets us in, and can be written to`);
}
