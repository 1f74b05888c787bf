import { expect, it } from 'vitest';
import { readSettings } from '../../../src/cli/setting-flags.ts';
import { ConfigError, formatProblem } from '../../../src/config/problem.ts';
import type { ReadFile } from '../../../src/config/read-file.ts';
import { loadConfigWithStore } from '../../../src/store/load-config.ts';

const SECRET = 'hunter2';

interface World {
  readonly argv?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly files?: Readonly<Record<string, string>>;
}

function load({ argv = [], env = {}, files = {} }: World) {
  const readFile: ReadFile = (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: ${path}`), { code: 'ENOENT' });
    return { text, mode: 0o600 };
  };
  return loadConfigWithStore({
    flags: readSettings(argv),
    env: { HOME: '/home/ann', ...env },
    cwd: '/cwd',
    user: { uid: 1000, home: '/home/ann' },
    readFile,
  });
}

async function problemsOf(world: World): Promise<string[]> {
  const error = await load(world).catch((thrown: unknown) => thrown);
  if (!(error instanceof ConfigError)) throw error;
  return error.problems.map(formatProblem);
}

const yaml = (text: string): World => ({ argv: ['-c', 'signalbox.yaml'], files: { 'signalbox.yaml': text } });

it.each<[string, World, (string | RegExp)[]]>([
  [
    'a password that was not encoded',
    { env: { SIGNALBOX_DATABASE: `postgres://ada:${SECRET}@2@db.example/hub` } },
    [/^SIGNALBOX_DATABASE: there is an @ where none can be: .*percent-encoded/],
  ],
  [
    'one of two databases in the file',
    yaml(`database-listen: postgres://ada:${SECRET}/x@db/hub\ndatabase: postgres://ada:${SECRET}@db/hub\n`),
    [/^signalbox\.yaml:1:18: database-listen: (?:a host or port is wrong|there is an @)/],
  ],
  [
    'an sslmode that verifies by nothing',
    { argv: ['--database', 'postgres://db/hub?sslmode=verify-full'] },
    [/^--database: sslmode=verify-full needs an authority .* sslrootcert=/],
  ],
  [
    'a variable of libpq',
    { argv: ['--database', 'postgres://db/hub'], env: { PGSSLMODE: 'none' } },
    [/^PGSSLMODE: there is no sslmode "none", want one of disable/],
  ],
  [
    'a file that is not there',
    { env: { SIGNALBOX_DATABASE_FILE: `/run/${SECRET}` } },
    ["SIGNALBOX_DATABASE_FILE: the file can't be read: there is no such file"],
  ],
  [
    'a file that holds something else',
    { argv: ['--database-file', 'url'], files: { '/cwd/url': `ada:${SECRET}@db` } },
    ['--database-file: want a URL that begins with postgres://'],
  ],
  [
    'the name of the schema',
    { argv: ['--database-schema', 'pg_mine'] },
    [/^--database-schema: found "pg_mine", want lower-case letters, digits and _, at most 26/],
  ],
  [
    'a schema whose channels would have too long names',
    { argv: ['--database-schema', 'a'.repeat(27)] },
    [/^--database-schema: .*at most 26/],
  ],
])(
  'what is wrong with the settings of a database is told with its place and without its secrets: %s',
  async (_, world, wanted) => {
    const problems = await problemsOf(world);
    expect(problems).toEqual(wanted.map((line) => (typeof line === 'string' ? line : expect.stringMatching(line))));
    expect(problems.join()).not.toContain(SECRET);
  },
);

it('it is told together with all other mistakes', async () => {
  const problems = await problemsOf({
    argv: ['--driver', 'caddy', '--database-listen', 'postgres://db:99999/hub'],
    env: { SIGNALBOX_DATABASE: 'postgres://db/hub?nonsense=1' },
  });
  expect(problems).toEqual([
    '--driver: found "caddy", want one of nginx, traefik',
    expect.stringMatching(/^SIGNALBOX_DATABASE: there is no parameter "nonsense" here/),
    '--database-listen: a port is not one of 1 to 65535',
  ]);
});

it('a database that can be used is taken as it is written, also out of a file', async () => {
  const url = `postgres://ada:${SECRET}@db.example/hub`;
  expect((await load({ env: { SIGNALBOX_DATABASE: url } })).config.database).toBe(url);
  const { config } = await load({ argv: ['--database-file', 'url'], files: { '/cwd/url': `${url}\n` } });
  expect([config.database, config.databaseFile]).toEqual([undefined, '/cwd/url']);
});

it('what only a fleet has a use for is told to be idle with SQLite', async () => {
  const argv = ['--advertise', 'http://10.0.0.7:8001'];
  expect((await load({ argv })).warnings).toEqual([
    'advertise has no effect: the table is in SQLite, for this daemon alone',
  ]);
  expect((await load({ argv: [...argv, '--database', 'postgres://db/hub'] })).warnings).toEqual([]);
});
