import { randomBytes } from 'node:crypto';
import { appendFileSync, chownSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { describe, onTestFinished, test } from 'vitest';
import { ensureTestPostgres, type TestPostgres, type TestPostgreses } from '../../scripts/setup/postgres.mjs';
import { closedFolder, findUser, type SystemUser } from '../../src/system/users.ts';
import { onCleanup } from './cleanup.ts';
import { noOtherUsers } from './other-users.ts';
import { freePort } from './ports.ts';
import { type Child, runProcess, startProcess } from './process.ts';
import { descendants } from './process-tree.ts';
import { isRoot } from './skip.ts';
import { makeTempDir } from './tmp.ts';
import { until } from './wait.ts';

export type { TestPostgres };

export interface PostgresOptions {
  /** Which one; the newest unless given. */
  readonly server?: TestPostgres;
  /** Lines of postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Flush commits to disk: off, since no power is cut here. A kill of the server loses nothing either way. */
  readonly fsync?: boolean;
  /** A password for TCP (SCRAM); without one everybody is let in. */
  readonly password?: string;
  readonly tls?: { readonly cert: string; readonly key: string };
}

export interface Postgres {
  readonly version: string;
  readonly port: number;
  /** The folder of its unix socket. */
  readonly socketDir: string;
  /** With the password, if it asks for one. */
  readonly url: string;
  /** As the superuser, over the unix socket, with a connection of its own. */
  query<R extends pg.QueryResultRow = pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<R[]>;
  /** Its log since it was started last. */
  output(): string;
  /** Starts it again on the same data and the same port. */
  start(): Promise<void>;
  /** A fast shutdown, as a package's upgrade does it: sessions are told. */
  stop(): Promise<void>;
  /** SIGKILL of the server and of all its children: what a power cut leaves. */
  kill(): Promise<void>;
  /** SIGSTOP of all of it: connections stay and nobody answers. */
  pause(): void;
  resume(): void;
  /** A streaming standby, read-only until it is promoted. */
  standby(options?: Pick<PostgresOptions, 'settings'>): Promise<Postgres>;
  promote(): Promise<void>;
}

const owner = isRoot ? whoRunsIt() : undefined;
const { present, missing } = await discover();

/** Those that tests run against, the oldest first. */
export const testPostgreses: readonly TestPostgres[] = present;

/** Why there is no PostgreSQL at all, in one line; empty when there is one. */
export const missingPostgres =
  present.length > 0 ? '' : missing.map(({ label, reason }) => `no PostgreSQL (${label}): ${reason}`).join('; ');

/** One suite for each PostgreSQL; one that is missing shows up as skipped, with the reason. */
export function describeEachPostgres(name: string, body: (server: TestPostgres) => void): void {
  for (const server of present) describe(`${name}, PostgreSQL ${server.version}`, () => body(server));
  for (const { label, reason } of missing) {
    test(`${name}, PostgreSQL (${label})`, ({ skip }) => skip(`no PostgreSQL (${label}): ${reason}`));
  }
}

/** The same with the newest alone: for what takes long and does not depend on the version. */
export function describeAnyPostgres(name: string, body: () => void): void {
  if (present.length > 0) describe(name, body);
  else test(name, ({ skip }) => skip(missingPostgres));
}

/** `npm test` fetches what is missing and says what there is; a test file run alone takes what is on the machine already. */
async function discover(): Promise<TestPostgreses> {
  const given = process.env.SIGNALBOX_TEST_POSTGRES;
  const found: TestPostgreses = given ? JSON.parse(given) : await ensureTestPostgres({ fetch: false });
  const servers = found.present.map((server) => ({ ...server, reason: unusable(server.bin) }));
  return {
    present: servers
      .filter(({ reason }) => reason === undefined)
      .sort((one, other) => Number(one.version) - Number(other.version)),
    missing: [...found.missing, ...servers.flatMap(({ label, reason }) => (reason ? [{ label, reason }] : []))],
  };
}

/** The server refuses to run as root. */
function whoRunsIt(): SystemUser | undefined {
  return noOtherUsers ? undefined : findUser('nobody', { who: 'PostgreSQL', setting: 'user' });
}

function unusable(bin: string): string | undefined {
  if (!isRoot) return undefined;
  if (owner === undefined) return `PostgreSQL refuses to run as root, and ${noOtherUsers}`;
  const closed = closedFolder(join(bin, 'postgres'), owner);
  return closed && `PostgreSQL refuses to run as root, and nobody cannot pass through ${closed}`;
}

/** A command line of the user whom the server runs as. */
export function asServerUser(command: string, args: readonly string[]): [string, string[]] {
  if (owner === undefined) return [command, [...args]];
  const { uid, gid } = owner;
  return ['setpriv', [`--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', command, ...args]];
}

/** A new folder of that user. */
export function makeServerFolder(): string {
  const folder = join(makeTempDir(), 'pg');
  mkdirSync(folder, { mode: 0o700 });
  own(folder);
  return folder;
}

export function own(path: string): void {
  if (owner) chownSync(path, owner.uid, owner.gid);
}

async function run(command: string, args: readonly string[]): Promise<void> {
  const { code, output } = await runProcess(...asServerUser(command, args), { cwd: '/' });
  if (code !== 0) throw new Error(`${command} failed: ${output}`);
}

const templates = new Map<string, Promise<string>>();

/** The data of a new server. initdb takes a good half second: once a version, and a copy for each server. */
function template({ bin }: TestPostgres): Promise<string> {
  const made = templates.get(bin) ?? initdb(bin);
  templates.set(bin, made);
  return made;
}

async function initdb(bin: string): Promise<string> {
  const data = join(makeServerFolder(), 'data');
  const locale = ['--encoding=UTF8', '--locale=C'];
  await run(join(bin, 'initdb'), [
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '--no-sync',
    '--wal-segsize=1',
    ...locale,
  ]);
  return data;
}

/** Starts a PostgreSQL of its own for a test, on a random port of 127.0.0.1. It ends with the test file. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const server = options.server ?? testPostgreses.at(-1);
  if (server === undefined) throw new Error(missingPostgres);
  const data = join(makeServerFolder(), 'data');
  await run('cp', ['-a', await template(server), data]);
  const postgres = await serve(server, data, options);
  const { password } = options;
  if (password !== undefined) await postgres.query(`ALTER ROLE postgres PASSWORD '${password}'`);
  return postgres;
}

/** The same for one test alone: it ends with it. */
export async function startPostgresForTest(options?: PostgresOptions): Promise<Postgres> {
  const postgres = await startPostgres(options);
  onTestFinished(() => postgres.stop());
  return postgres;
}

/** Runs the data of a folder. */
async function serve(server: TestPostgres, data: string, options: PostgresOptions): Promise<Postgres> {
  const port = await freePort();
  const socketDir = dirname(data);
  configure(data, options);
  let child: Child;

  async function start() {
    const args = ['-D', data, '-p', `${port}`, '-k', socketDir, '-h', '127.0.0.1'];
    child = startProcess(...asServerUser(join(server.bin, 'postgres'), args), { cwd: '/' });
    // Before it would be killed: it takes its children with it, and its shared memory.
    const release = onCleanup(async () => {
      signal('SIGCONT');
      await child.stop('SIGQUIT');
    });
    child.exited.then(release);
    await child.waitForOutput(/database system is ready to accept/, 30_000);
  }

  function signal(name: NodeJS.Signals) {
    for (const pid of [child.pid, ...descendants(child.pid).map((one) => one.pid)]) {
      try {
        process.kill(pid, name);
      } catch {
        // It has ended meanwhile.
      }
    }
  }

  const connect = async () => {
    const client = new pg.Client({ host: socketDir, port, user: 'postgres', database: 'postgres', ssl: false });
    client.on('error', () => {});
    await client.connect();
    return client;
  };

  const postgres: Postgres = {
    version: server.version,
    port,
    socketDir,
    url: `postgres://postgres${options.password ? `:${encodeURIComponent(options.password)}` : ''}@127.0.0.1:${port}/postgres`,
    async query(text, values = []) {
      const client = await connect();
      try {
        return (await client.query(text, [...values])).rows;
      } finally {
        await client.end();
      }
    },
    output: () => child.output(),
    start,
    async stop() {
      await child.stop('SIGINT');
    },
    async kill() {
      // The children at once as well: else they would notice it and end in good order.
      signal('SIGKILL');
      await child.exited;
    },
    pause: () => signal('SIGSTOP'),
    resume: () => signal('SIGCONT'),
    async standby({ settings = {} } = {}) {
      const copy = join(makeServerFolder(), 'data');
      await backUp(await connect(), server, data, copy);
      const conninfo = `host=${socketDir} port=${port} user=postgres application_name=standby`;
      writeFileSync(join(copy, 'standby.signal'), '');
      own(join(copy, 'standby.signal'));
      return serve(server, copy, { ...options, settings: { ...settings, primary_conninfo: `'${conninfo}'` } });
    },
    async promote() {
      await postgres.query('SELECT pg_promote()');
      await until(async () => (await postgres.query('SELECT pg_is_in_recovery() AS standby'))[0]?.standby === false, {
        what: 'the standby to become the primary',
      });
    },
  };
  await start();
  return postgres;
}

function configure(data: string, { settings = {}, fsync = false, password, tls }: PostgresOptions): void {
  const all: Record<string, string | number> = {
    fsync: fsync ? 'on' : 'off',
    // Small and quiet: several of them run beside each other.
    shared_buffers: '16MB',
    // A standby that starts late still finds what it lacks.
    wal_keep_size: '64MB',
    logging_collector: 'off',
    ...settings,
  };
  if (tls) {
    for (const [name, text] of Object.entries({ 'server.crt': tls.cert, 'server.key': tls.key })) {
      writeFileSync(join(data, name), text, { mode: 0o600 });
      own(join(data, name));
    }
    all.ssl = 'on';
  }
  const lines = Object.entries(all).map(([name, value]) => `${name} = ${value}\n`);
  // Later lines count.
  appendFileSync(join(data, 'postgresql.conf'), lines.join(''));
  const overTcp = password === undefined ? 'trust' : 'scram-sha-256';
  const rules = ['local all all trust', 'local replication all trust', `host all all 127.0.0.1/32 ${overTcp}`];
  writeFileSync(join(data, 'pg_hba.conf'), `${rules.join('\n')}\n`);
}

/** What pg_basebackup does, which not every package holds. */
async function backUp(client: pg.Client, server: TestPostgres, from: string, to: string): Promise<void> {
  const old = Number.parseInt(server.version, 10) < 15;
  const [begin, end] = old
    ? ["pg_start_backup('test', true, false)", 'pg_stop_backup(false, false)']
    : ["pg_backup_start('test', true)", 'pg_backup_stop(false)'];
  try {
    await client.query(`SELECT ${begin}`);
    // Files may go while they are copied: the log that is streamed has what happened to them.
    await runProcess(...asServerUser('cp', ['-a', from, to]), { cwd: '/' });
    const { rows } = await client.query(`SELECT labelfile FROM ${end}`);
    rmSync(join(to, 'postmaster.pid'), { force: true });
    writeFileSync(join(to, 'backup_label'), rows[0].labelfile);
    own(join(to, 'backup_label'));
  } finally {
    await client.end();
  }
}

/** A password that no message may show: it has what must be encoded in a URL. */
export function makePassword(): string {
  return `${randomBytes(6).toString('hex')}@/:?#% pw`;
}
