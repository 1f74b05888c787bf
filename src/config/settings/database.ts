import { oneOf, optional, withDefault } from '../setting.ts';

const URL = {
  pattern: /^postgres(?:ql)?:\/\//,
  want: 'a URL such as postgres://USER@HOST:5432/DATABASE',
  neverEcho: true,
} as const;

/** Channels of PostgreSQL are named SCHEMA:ID, and a channel's name has 63 characters at most; names in pg_ are PostgreSQL's own. */
const SCHEMA_NAME = {
  pattern: /^(?!pg_)[a-z_][a-z0-9_]{0,25}$/,
  want: 'lower-case letters, digits and _, at most 26, with no digit and no pg_ at the front',
} as const;

/** A table that several replicas share. */
export const database = {
  database: optional(
    'string',
    'PostgreSQL that holds the table instead of SQLite, for several replicas: postgres://USER@HOST1,HOST2/NAME. A password never goes into a flag.',
    URL,
  ),
  'database-file': optional('path', 'File with that URL, such as a mounted secret; read when database is not given.', {
    neverEcho: true,
  }),
  'database-listen': optional(
    'string',
    'The same database without a pooler such as PgBouncer between, for LISTEN; database unless given.',
    URL,
  ),
  'database-schema': withDefault('string', 'signalbox', 'Schema of the tables in that database.', SCHEMA_NAME),
  'database-migrate': withDefault(
    'boolean',
    'true',
    'Bring the tables up to date at start; else somebody runs what signalbox schema prints.',
  ),
  ack: oneOf(
    ['all', 'own'],
    'all',
    'Answer a change when the proxies of all replicas serve it, or when that of the replica which took it does.',
  ),
  lease: withDefault('duration', '3s', 'How long a replica that no longer says a word counts for the others.', {
    minimum: 1_000,
    maximum: 60_000,
  }),
  'leave-time': withDefault(
    'duration',
    '5s',
    'How long load balancers may take to notice that a replica is not ready; it serves on for so long before it ends.',
    { maximum: 300_000 },
  ),
  advertise: optional(
    'url',
    'Where other replicas reach this API, such as http://10.0.0.7:8001; unless all say so, one that is cut off stays ready.',
  ),
};
