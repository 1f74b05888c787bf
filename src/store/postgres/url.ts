import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ConfigError, quote } from '../../config/problem.ts';
import { type FoundPassword, findPassword } from './pass-file.ts';
import { checkTls, TLS_MODES, type TlsMode, type TlsSettings } from './tls.ts';

/** One of the servers that the table may be on. */
export interface Server {
  /** A name, an address, or the folder of a unix socket. */
  readonly host: string;
  readonly port: number;
}

/** What a URL says, with what it leaves open filled in as libpq does. */
export interface Servers {
  /** In the order in which they are tried. */
  readonly hosts: readonly Server[];
  readonly user: string;
  readonly database: string;
  /** A function, so that nothing that prints this object can show it; and a password file is read anew for each connection. */
  readonly password: (server: Server) => FoundPassword;
  readonly tls: TlsSettings;
}

/** Where a URL is from, and what fills its gaps. */
export interface UrlSource {
  /** For messages: `SIGNALBOX_DATABASE`, `signalbox.yaml:3:1` */
  readonly place: string;
  readonly env?: NodeJS.ProcessEnv | undefined;
}

/** The parameters of libpq that are known here, and the variables that count where a URL does not say it. */
const VARIABLES = {
  host: 'PGHOST',
  port: 'PGPORT',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  dbname: 'PGDATABASE',
  passfile: 'PGPASSFILE',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
} as const;
type Name = keyof typeof VARIABLES;

const HINT = 'It looks like postgres://USER@HOST:5432/DATABASE?sslmode=verify-full, as psql takes it.';
const ENCODE = 'the characters @ : / ? # % and blanks of a password must be percent-encoded (@ is %40)';
const DEFAULT_PORT = '5432';
const SOCKET_FOLDER = '/run/postgresql';

/**
 * Reads `postgres://user:password@host1:5432,host2:5432/database?sslmode=verify-full`. Throws BAD_CONFIG. No message shows any part of the text
 * that a password may have slipped into, as one does that was not encoded.
 */
export function parseServers(text: string, { place, env = process.env }: UrlSource): Servers {
  const given = valuesOf(text.trim(), place);
  const of = (name: Name) => given.get(name) || env[VARIABLES[name]] || undefined;
  const placeOf = (name: Name) => (given.get(name) ? place : VARIABLES[name]);
  const home = env.HOME || userInfo().homedir;

  const attributes = of('target_session_attrs') ?? 'read-write';
  if (attributes !== 'read-write' && attributes !== 'primary') {
    const message = `target_session_attrs is ${quote(attributes)}: Signalbox writes, so only read-write and primary can be kept`;
    throw problem(placeOf('target_session_attrs'), message);
  }
  const user = of('user') ?? userInfo().username;
  const database = of('dbname') ?? user;
  const password = of('password');
  const passFile = of('passfile') ?? join(home, '.pgpass');
  return {
    hosts: hostsOf(of('host'), of('port'), placeOf('port')),
    user,
    database,
    password: (server) =>
      password === undefined ? findPassword(passFile, { ...server, user, database }) : { password, problem: undefined },
    tls: tlsOf(of, placeOf, home),
  };
}

/** The same for logs and status: without the password. */
export function shownUrl({ hosts, user, database, tls }: Servers): string {
  const sockets = hosts.some(({ host }) => host.startsWith('/'));
  const list = (values: readonly (string | number)[]) => values.map((value) => encodeURIComponent(value)).join(',');
  const where = sockets ? '' : hosts.map(shownServer).join(',');
  const parameters = [
    ...(sockets ? [`host=${list(hosts.map(({ host }) => host)).replaceAll('%2F', '/')}`] : []),
    ...(sockets ? [`port=${list(hosts.map(({ port }) => port))}`] : []),
    `sslmode=${tls.mode}`,
  ];
  return `postgres://${encodeURIComponent(user)}@${where}/${encodeURIComponent(database)}?${parameters.join('&')}`;
}

/** `db.example:5432`, `[::1]:5432`, `/run/postgresql:5432` */
export function shownServer({ host, port }: Server): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function problem(place: string, message: string): ConfigError {
  return new ConfigError([{ place, message }], HINT);
}

/** What the text itself says, decoded. */
function valuesOf(text: string, place: string): Map<Name, string> {
  const [, rest] = /^postgres(?:ql)?:\/\/(.*)$/s.exec(text) ?? [];
  if (rest === undefined) throw problem(place, 'want a URL that begins with postgres://');
  if (/[\s\p{Cc}]/u.test(rest)) throw problem(place, `the URL has blanks or control characters in it: ${ENCODE}`);
  const authority = rest.split(/[/?]/, 1)[0] ?? '';
  const query = rest.indexOf('?', authority.length);
  const path = rest.slice(authority.length + 1, query < 0 ? undefined : Math.max(query, authority.length + 1));
  const at = authority.indexOf('@');
  // Wherever a second one stands, it may be the end of a password that was not encoded.
  if (rest.lastIndexOf('@') !== at) throw problem(place, `there is an @ where none can be: ${ENCODE}`);

  const decoded = (part: string) => decode(part, place);
  const values = new Map<Name, string>();
  const [user = '', ...password] = authority.slice(0, Math.max(at, 0)).split(':');
  values
    .set('user', decoded(user))
    .set('password', decoded(password.join(':')))
    .set('dbname', decoded(path));
  const servers = authority
    .slice(at + 1)
    .split(',')
    .map((server) => splitServer(server, place));
  values.set('host', servers.map(({ host }) => decoded(host)).join(','));
  if (servers.some(({ port }) => port)) values.set('port', servers.map(({ port }) => port || DEFAULT_PORT).join(','));

  for (const pair of query < 0
    ? []
    : rest
        .slice(query + 1)
        .split('&')
        .filter(Boolean)) {
    const equals = pair.indexOf('=');
    if (equals < 0) throw problem(place, `a parameter behind the ? has no "=": ${ENCODE}`);
    const name = decoded(pair.slice(0, equals));
    if (!Object.hasOwn(VARIABLES, name)) {
      const known = Object.keys(VARIABLES).join(', ');
      throw problem(place, `there is no parameter ${quote(name)} here; those of libpq that are known are ${known}`);
    }
    values.set(name as Name, decoded(pair.slice(equals + 1)));
  }
  return values;
}

function decode(part: string, place: string): string {
  try {
    const text = decodeURIComponent(part);
    if (!text.includes('\0')) return text;
  } catch {
    // a % that is none
  }
  throw problem(place, `a part of the URL can not be percent-decoded: ${ENCODE}`);
}

/** `host`, `host:port`, `[::1]:port`, still encoded. */
function splitServer(text: string, place: string): { host: string; port: string } {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]*)\]|([^:[\]]*))(?::(\d*))?$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  // Not shown: with a / in it, a password ends up here.
  if (host === undefined) throw problem(place, `a host or port is wrong, want HOST:PORT or [IPV6]:PORT; ${ENCODE}`);
  return { host, port };
}

function hostsOf(host = defaultHost(), port = DEFAULT_PORT, place = ''): Server[] {
  const names = host.split(',');
  const ports = port.split(',').map((text) => text || DEFAULT_PORT);
  if (ports.length > 1 && ports.length !== names.length) {
    throw problem(
      place,
      `there are ${ports.length} ports for ${names.length} ${names.length === 1 ? 'host' : 'hosts'}`,
    );
  }
  return names.map((name, index) => {
    const number = Number(ports.length === 1 ? ports[0] : ports[index]);
    if (!Number.isInteger(number) || number < 1 || number > 65_535)
      throw problem(place, 'a port is not one of 1 to 65535');
    return { host: name || defaultHost(), port: number };
  });
}

/** libpq: the socket of this machine, in the folder where distributions have it. */
function defaultHost(): string {
  return existsSync(SOCKET_FOLDER) ? SOCKET_FOLDER : 'localhost';
}

function tlsOf(of: (name: Name) => string | undefined, placeOf: (name: Name) => string, home: string): TlsSettings {
  const system = of('sslrootcert') === 'system';
  const mode = of('sslmode') ?? (system ? 'verify-full' : 'prefer');
  if (!TLS_MODES.includes(mode as TlsMode)) {
    throw problem(placeOf('sslmode'), `there is no sslmode ${quote(mode)}, want one of ${TLS_MODES.join(', ')}`);
  }
  const usual = (name: string) => {
    const path = join(home, '.postgresql', name);
    return existsSync(path) ? path : undefined;
  };
  const certificate = of('sslcert') ?? usual('postgresql.crt');
  const settings: TlsSettings = {
    mode: mode as TlsMode,
    roots: of('sslrootcert') ?? usual('root.crt'),
    certificate,
    key: certificate && (of('sslkey') ?? usual('postgresql.key')),
  };
  const wrong = checkTls(settings);
  if (wrong) throw problem(placeOf(wrong.parameter), wrong.message);
  return settings;
}
