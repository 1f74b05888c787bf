import Type, { type Static } from 'typebox';
import { TRAFFIC_SCHEMAS } from './traffic/schemas.ts';

/** The body of every error. */
export const ErrorBody = Type.Object(
  {
    message: Type.String({
      description: 'What is wrong, for people. Begins as the text of configurable-http-proxy does.',
    }),
    code: Type.String({ description: 'What is wrong, for programs. The codes stay; texts may change.' }),
    hint: Type.Optional(Type.String({ description: 'How to mend it.' })),
  },
  { $id: 'Error', description: 'An error' },
);

/** A route as it is given. */
export const RouteData = Type.Object(
  {
    target: Type.String({
      description: 'URL of the backend: http, https, or http+unix://%2Fpath%2Fto%2Fsocket. Given back as it came.',
    }),
  },
  {
    $id: 'RouteData',
    additionalProperties: true,
    description: 'The route; whatever else is in it is stored and given back',
  },
);

/** What `?stats=1` adds to a route. */
const Stats = Type.Object(
  {
    requests: Type.Integer({ description: 'Requests that have ended' }),
    bytes: Type.Integer({ description: 'Bytes sent to clients' }),
    openConnections: Type.Integer({
      description:
        'Connections to its backend at the last look, kept idle ones and those of other routes there included',
    }),
    lastStatus: Type.Union([Type.Integer(), Type.Null()], { description: 'Status of the last answer' }),
    p50: Type.Union([Type.Number(), Type.Null()], { description: 'Median time of a request in ms, to 12 %' }),
    p95: Type.Union([Type.Number(), Type.Null()], { description: '95 % of the requests took no longer, ms' }),
    since: Type.String({ format: 'date-time', description: 'When counting began' }),
  },
  { $id: 'RouteStats', description: 'How a route was used since Signalbox started' },
);

/** A route as it is shown. */
export const RouteEntry = Type.Object(
  {
    target: Type.String({ description: 'URL of the backend, to the letter as it was given' }),
    last_activity: Type.String({ format: 'date-time', description: 'UTC, with milliseconds' }),
    host: Type.Optional(Type.String({ description: 'The host of the key; only with host routing' })),
    stats: Type.Optional(Type.Unsafe<Static<typeof Stats>>({ $ref: 'RouteStats#' })),
  },
  { $id: 'RouteEntry', additionalProperties: true, description: 'The route with its last activity' },
);

/** GET /api/routes, and what PUT takes. */
export const RouteTable = Type.Record(Type.String(), Type.Unsafe<Static<typeof RouteEntry>>({ $ref: 'RouteEntry#' }), {
  description: 'From key to route. A key has a leading and no trailing slash, and is not percent-encoded.',
});

/** The body of PUT /api/routes. */
export const NewTable = Type.Record(Type.String(), Type.Unsafe({ $ref: 'RouteData#' }), {
  description: 'The whole table, as GET gives it. `last_activity` is kept unless it lies in the future.',
});

/** The body of PATCH /api/routes. */
export const TablePatch = Type.Record(Type.String(), Type.Union([Type.Unsafe({ $ref: 'RouteData#' }), Type.Null()]), {
  description: 'From key to the route that is to be there, or null for none.',
});

/** What a change of the table did. */
export const ChangeResult = Type.Object(
  {
    generation: Type.Integer({ description: 'The table that the proxy now serves' }),
    added: Type.Integer({ description: 'Routes that were not there' }),
    changed: Type.Integer({ description: 'Routes that were there and are now different' }),
    removed: Type.Integer({ description: 'Routes that are gone' }),
  },
  { $id: 'ChangeResult', description: 'The proxy serves the change' },
);

const Generation = Type.Object(
  {
    wanted: Type.Integer({ description: 'The table as it is stored' }),
    served: Type.Integer({
      description:
        'The newest table that the proxy has shown to serve, less the routes that it refuses; -1 while it serves none',
    }),
  },
  { description: 'Numbers of tables; equal when all is served' },
);

/** GET /healthz. */
export const Health = Type.Object({ status: Type.Literal('ok') }, { description: 'The process answers' });

/** GET /readyz. */
export const Readiness = Type.Object(
  {
    ready: Type.Boolean({ description: 'true with status 200, false with 503' }),
    reason: Type.Optional(Type.String({ description: 'Why it is not ready' })),
    generation: Generation,
    lease: Type.Optional(
      Type.Boolean({ description: 'Of a replica: the others wait for it, so the database is there' }),
    ),
  },
  { $id: 'Readiness', description: 'Whether the proxy serves the table' },
);

/** GET /status. */
export const Status = Type.Object(
  {
    version: Type.String({ description: 'The release of Signalbox' }),
    driver: Type.String({ description: 'The kind of proxy' }),
    table: Type.String({ description: 'How the proxy holds the routes' }),
    proxy: Type.Object({
      up: Type.Boolean({ description: 'It is there, answers, and serves what it has shown to serve' }),
      version: Type.Union([Type.String(), Type.Null()], { description: 'null while unknown' }),
      restarts: Type.Integer({ description: 'Times it died and was started again' }),
    }),
    generation: Generation,
    routes: Type.Integer({ description: 'Routes in the wanted table' }),
    namespaces: Type.Array(
      Type.Object({
        name: Type.String(),
        routes: Type.Integer({ description: 'Its routes in the wanted table' }),
        maxRoutes: Type.Union([Type.Integer(), Type.Null()], { description: 'Its quota; null without one' }),
      }),
      { description: 'Parts of the table with tokens of their own' },
    ),
    pending: Type.Integer({ description: 'Generations that are stored and not served yet' }),
    lastError: Type.Union(
      [Type.Object({ time: Type.String({ format: 'date-time' }), message: Type.String() }), Type.Null()],
      { description: 'The last failure to make the proxy serve a table' },
    ),
    refused: Type.Array(
      Type.Object({
        key: Type.String(),
        reason: Type.String({ description: 'What the proxy says' }),
        since: Type.String({ format: 'date-time' }),
      }),
      {
        description:
          'Routes that the proxy refuses. It serves the table without them; each is tried again when it or a template ' +
          'changes, at SIGHUP, and now and then',
      },
    ),
    reloads: Type.Integer({ description: 'Reloads of the proxy since Signalbox started' }),
    drainingWorkers: Type.Union([Type.Integer(), Type.Null()], {
      description: 'Processes of earlier configurations that still finish connections; null where it cannot be seen',
    }),
    draining: Type.Union(
      [
        Type.Object({
          generations: Type.Integer({ description: 'Reloads that left them' }),
          bytes: Type.Union([Type.Integer(), Type.Null()], {
            description: 'Memory that they have for themselves; null where it cannot be seen',
          }),
        }),
        Type.Null(),
      ],
      { description: 'What these processes cost; null where they cannot be seen' },
    ),
    pins: Type.Union(
      [
        Type.Object({
          targets: Type.Integer({ description: 'Targets whose connections nginx keeps' }),
          share: Type.Union([Type.Number(), Type.Null()], {
            description: 'Of the requests of the last minutes, how many of 1 went to these; null when there were none',
          }),
        }),
        Type.Null(),
      ],
      {
        description:
          'Connections to targets that are kept for further requests; null for Traefik, which keeps them all',
      },
    ),
    templates: Type.Object({
      own: Type.Array(Type.String(), { description: "Files of the user's folder of templates that are in use" }),
      error: Type.Union(
        [
          Type.Object({
            time: Type.String({ format: 'date-time' }),
            file: Type.Union([Type.String(), Type.Null()], { description: 'null where it cannot be told' }),
            line: Type.Union([Type.Integer(), Type.Null()]),
            message: Type.String(),
          }),
          Type.Null(),
        ],
        { description: 'Why the newest of those files are not in use, and the last good ones stay' },
      ),
    }),
    activity: Type.Union(
      [
        Type.Object({
          lines: Type.Integer({
            description:
              'Lines of access logs that were read, less those of other sites and of requests that were refused at once',
          }),
          unreadable: Type.Integer({ description: 'Of those, lines that are not of their format' }),
          backlogBytes: Type.Integer({ description: 'Bytes of the logs that are not read yet' }),
          blind: Type.Union([Type.String(), Type.Null()], {
            description: 'Why open connections can not be seen, so that long websockets count only when they end',
          }),
        }),
        Type.Null(),
      ],
      { description: 'How it is found out when routes were last used; null with --no-activity' },
    ),
    fleet: Type.Union(
      [
        Type.Object({
          database: Type.String({ description: 'Where the table is, without a password' }),
          problem: Type.Union([Type.String(), Type.Null()], { description: 'Why it can not be reached' }),
          staleSeconds: Type.Number({ description: 'Since the table was last known to be that of the database' }),
          lease: Type.Boolean({ description: 'Other replicas wait until the proxy of this one serves their changes' }),
          listening: Type.Boolean({ description: 'Hears of changes at once; else it has to look for them' }),
          ack: Type.Union([Type.Literal('all'), Type.Literal('own')], {
            description: 'Whose proxies serve a change when it is answered',
          }),
          replicas: Type.Array(
            Type.Object({
              id: Type.String(),
              name: Type.String(),
              version: Type.String(),
              api: Type.Union([Type.String(), Type.Null()], { description: 'Where others reach its API' }),
              state: Type.Union([Type.Literal('joining'), Type.Literal('serving')]),
              served: Type.Integer({ description: 'The newest table that its proxy has shown to serve' }),
              leaseSeconds: Type.Number({ description: 'What is left of its lease; negative when it has ended' }),
              awaited: Type.Boolean({ description: 'A change is served everywhere only when this one serves it' }),
              self: Type.Boolean({ description: 'It is this one' }),
            }),
          ),
        }),
        Type.Null(),
      ],
      { description: 'All replicas that share the table; null for a table in SQLite' },
    ),
    uptimeSeconds: Type.Number({ description: 'Since Signalbox started' }),
  },
  { $id: 'Status', description: 'The state of Signalbox and its proxy' },
);

/** What GET /status shows. */
export type StatusReport = Static<typeof Status>;

/** Schemas that the others refer to by name. */
export const NAMED_SCHEMAS = [
  ErrorBody,
  RouteData,
  Stats,
  RouteEntry,
  ChangeResult,
  Readiness,
  Status,
  ...TRAFFIC_SCHEMAS,
];
