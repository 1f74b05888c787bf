import { loadConfig } from '../config/load.ts';
import { SignalboxError } from '../errors.ts';
import { defineCommand } from './command.ts';
import { EXIT, exits } from './exit-codes.ts';
import type { Options } from './options.ts';
import { readSettings } from './setting-flags.ts';

const SETTINGS = {
  'database-schema': {
    value: 'NAME',
    about: 'Schema of the tables.',
    env: ['SIGNALBOX_DATABASE_SCHEMA'],
  },
  config: {
    short: 'c',
    value: 'FILE',
    about: 'YAML file with the settings of signalbox serve, for its name.',
    env: ['SIGNALBOX_CONFIG'],
  },
} as const satisfies Options;

/** `signalbox schema`: the tables in PostgreSQL, for those who make them by hand. */
export const schema = defineCommand({
  name: 'schema',
  summary: 'print the SQL that makes the tables in PostgreSQL, or brings them up to date',
  description: [
    'For a database whose owner does not let Signalbox change its tables (database-migrate: false). Prints what serve would do there, as one transaction, and the rights that the role of Signalbox needs. Nothing is connected to.',
    'SELECT schema FROM signalbox.meta shows the version that is there.',
  ],
  options: {
    from: { value: 'VERSION', about: 'Version of the tables that are there; 0 for none.', default: '0' },
    ...SETTINGS,
  },
  exits: exits('ok', 'usage'),
  examples: [
    { about: 'For whoever owns the database:', command: 'signalbox schema > signalbox.sql' },
    {
      about: 'At once, as the owner:',
      command: 'signalbox schema | psql -v ON_ERROR_STOP=1 "$OWNERS_URL"',
      notRun: 'test/integration/postgres/schema.test.ts runs what is printed',
    },
  ],

  async run({ options: { from, ...settings }, io }) {
    const given = Object.entries(settings).filter(([, value]) => value !== undefined);
    const flags = readSettings(given.map(([name, value]) => `--${name}=${value}`));
    const { HOME, XDG_STATE_HOME } = io.env;
    const { config } = loadConfig({ flags, env: { HOME, XDG_STATE_HOME } });
    const { schemaSql, SCHEMA_VERSION } = await import('../store/postgres/migrations.ts');
    if (!/^\d{1,9}$/.test(from) || Number(from) > SCHEMA_VERSION) {
      const want = `a version from 0 to ${SCHEMA_VERSION}, the one of this release`;
      throw new SignalboxError('BAD_CONFIG', `--from: found ${JSON.stringify(from)}, want ${want}`);
    }
    io.out(schemaSql(config.databaseSchema, Number(from)));
    return EXIT.ok;
  },
});
