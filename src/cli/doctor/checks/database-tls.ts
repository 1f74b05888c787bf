import type { TlsSettings } from '../../../store/postgres/tls.ts';
import { isLoopback } from '../../../system/address.ts';
import { ok, warn } from '../check.ts';
import { inDatabase } from '../in-database.ts';
import type { Scene } from '../scene.ts';

/** Can somebody on the way read what goes to the database? */
export function databaseTls(scene: Scene) {
  return inDatabase(scene, ({ session: { server, isEncrypted }, tls }) => {
    const { host } = server;
    if (isEncrypted) {
      return ok(`what goes to the database is encrypted, ${whose(tls)} (sslmode=${tls.mode})`);
    }
    if (host.startsWith('/')) return ok('the database is reached over a unix socket');
    if (isLoopback(host)) return ok('the database is reached on this machine only');
    return warn(
      `what goes to the database at ${host} is not encrypted: whoever is on the way reads names of users and data of routes`,
      'Give the server a certificate, and the URL ?sslmode=verify-full&sslrootcert=FILE. On a private network it may be meant so.',
    );
  });
}

function whose({ mode, roots }: TlsSettings): string {
  if (mode === 'verify-full') return 'and the server is who it says';
  return roots === undefined ? 'whoever the server is' : 'and the server is one of your authority, whatever its name';
}
