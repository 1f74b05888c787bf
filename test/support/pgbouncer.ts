import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tools } from '../../scripts/setup/run.mjs';
import { findProgram } from '../../src/system/find-program.ts';
import { freePort } from './ports.ts';
import { asServerUser, makeServerFolder, own, type Postgres } from './postgres.ts';
import { type Child, startProcess } from './process.ts';

const unpacked = join(tools, 'apt-programs/starters/pgbouncer');
const program = findProgram('pgbouncer') ?? (existsSync(unpacked) ? unpacked : undefined);

/** Why there is none; empty when there is one. */
export const missingPgBouncer =
  program === undefined ? 'no pgbouncer (npm test fetches it where there is apt-get)' : '';

export interface PgBouncer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

/** A pooler in front of a PostgreSQL without a password: in transaction mode each transaction may get another of its few connections. */
export async function startPgBouncer(postgres: Postgres): Promise<PgBouncer> {
  if (program === undefined) throw new Error(missingPgBouncer);
  const folder = makeServerFolder();
  const port = await freePort();
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'trust',
    auth_file: join(folder, 'users'),
    pool_mode: 'transaction',
    default_pool_size: 5,
    server_login_retry: 1,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const databases = ['[databases]', `* = host=127.0.0.1 port=${postgres.port}`, '[pgbouncer]'];
  write(join(folder, 'users'), '"postgres" ""\n');
  write(join(folder, 'pgbouncer.ini'), `${[...databases, ...lines].join('\n')}\n`);
  const child: Child = startProcess(...asServerUser(program, [join(folder, 'pgbouncer.ini')]), { cwd: '/' });
  await child.waitForOutput(/process up/);
  return {
    port,
    url: `postgres://postgres@127.0.0.1:${port}/postgres`,
    async stop() {
      await child.stop('SIGINT');
    },
  };
}

function write(path: string, text: string): void {
  writeFileSync(path, text);
  own(path);
}
