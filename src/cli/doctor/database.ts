import type { Config } from '../../config/schema.ts';
import { describeError } from '../../errors.ts';
import { serversOf } from '../../store/postgres/servers.ts';
import { Session } from '../../store/postgres/session.ts';
import type { TlsSettings } from '../../store/postgres/tls.ts';
import { type Servers, shownServer } from '../../store/postgres/url.ts';

/** The database that the table is in, or why it can't be used. */
export type Database = OpenDatabase | { readonly failure: string; close(): Promise<void> };

export interface OpenDatabase {
  readonly session: Session;
  /** The server that let us in. */
  readonly where: string;
  readonly tls: TlsSettings;
  /** Another session, with the server where changes are heard of (database-listen). */
  openControl(): Promise<Session>;
  close(): Promise<void>;
}

export async function openDatabase(config: Config): Promise<Database> {
  const { data, control } = serversOf(config);
  const sessions: Session[] = [];
  const open = async (servers: Servers) => {
    const session = await openFirst(servers);
    sessions.push(session);
    return session;
  };
  const close = async () => void (await Promise.all(sessions.map((session) => session.end())));
  try {
    const session = await open(data);
    return {
      session,
      where: shownServer(session.server),
      tls: data.tls,
      openControl: () => open(control),
      close,
    };
  } catch (error) {
    return { failure: describeError(error), close };
  }
}

/** With the first of the servers that will do, as the daemon chooses it. */
async function openFirst(servers: Servers): Promise<Session> {
  const reasons: string[] = [];
  for (const server of servers.hosts) {
    try {
      return await Session.open({ servers, server, name: 'signalbox doctor', signal: new AbortController().signal });
    } catch (error) {
      reasons.push(`${shownServer(server)}: ${describeError(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}
