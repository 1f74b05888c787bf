import Type, { type Static, type TSchema } from 'typebox';
import { EVENT_KINDS } from '../../system/log.ts';
import { PEOPLE_SHOWS, PEOPLE_SORTS, ROUTE_SORTS, SHOWS } from '../../traffic/choices.ts';
import { KINDS } from '../../traffic/kind-of.ts';

export { EVENT_KINDS, KINDS, PEOPLE_SHOWS, PEOPLE_SORTS, ROUTE_SORTS, SHOWS };

/*
 * What the daemon tells of traffic, for the dashboard. All times are ms since 1970 by the daemon's clock, all durations ms.
 * null is never 0: it stands for what can't be known.
 */

const orNull = <T extends TSchema>(schema: T, description: string) =>
  Type.Union([schema, Type.Null()], { description });
const numbers = (description: string) => Type.Array(Type.Number(), { description });
const numbersOrNull = (description: string) => Type.Array(Type.Union([Type.Number(), Type.Null()]), { description });
/** One of some words: of `Type.Union` over a list that is made TypeBox can't tell the type. */
const oneOf = <T extends string>(words: readonly T[], description?: string) =>
  Type.Unsafe<T>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      description === undefined ? {} : { description },
    ),
  );
const Time = (description: string) => Type.Integer({ description: `${description}, ms since 1970` });

/** A series of samples, one array a number, so that it is small and a chart takes it as it is. */
const Series = Type.Object(
  {
    step: Type.Integer({ description: 'How much time a sample covers, ms' }),
    times: numbers('When each sample began, ms since 1970; the last one may not be over yet'),
    informational: numbers('Requests that ended with 1xx: websockets that ended'),
    success: numbers('Requests that ended with 2xx'),
    redirect: numbers('Requests that ended with 3xx'),
    clientError: numbers('Requests that ended with 4xx'),
    serverError: numbers('Requests that ended with 5xx, `unreachable` included'),
    unreachable: numbers('Requests whose backend gave no answer, so that the proxy made one'),
    bytes: numbers('Bytes sent to clients'),
    firstByteP50: numbersOrNull('Median time until the first byte of the backend, ms; null without requests'),
    firstByteP95: numbersOrNull('95 % took no longer'),
    firstByteP99: numbersOrNull('99 % took no longer'),
    websockets: numbersOrNull('Most open websockets and uploads at a look; null where none was seen into'),
    people: numbersOrNull('Most people with one of them open'),
    changes: numbers('Changes of routes that were accepted'),
    passP95: numbersOrNull('95 % of the changes were served within this time, ms; null without any'),
    reloads: numbers('Reloads of the proxy; for Traefik, new configurations'),
  },
  { $id: 'Series' },
);

/** `GET /traffic`. */
export const Traffic = Type.Object(
  {
    time: Time('When this was written'),
    since: Time('When counting began: the start of the daemon'),
    fine: Type.Unsafe<Static<typeof Series>>({
      $ref: 'Series#',
      description: 'One sample a second, the last 5 minutes',
    }),
    coarse: Type.Unsafe<Static<typeof Series>>({ $ref: 'Series#', description: 'One sample in 10 s, the last hour' }),
    now: Type.Object({
      routes: Type.Integer({ description: 'Routes in the wanted table' }),
      people: orNull(Type.Integer(), 'People with a websocket or an upload open; null where that can not be seen'),
      websockets: orNull(Type.Integer(), 'Open websockets and uploads at the last look'),
      requestsPerSecond: Type.Number({ description: 'Of the last 10 s' }),
      requests: Type.Integer({ description: 'Of the last 5 minutes' }),
      serverErrors: Type.Integer({ description: 'Of the last 5 minutes, `unreachable` included' }),
      unreachable: Type.Integer({ description: 'Of the last 5 minutes' }),
      firstByteP50: orNull(Type.Number(), 'Of the last 5 minutes'),
      firstByteP95: orNull(Type.Number(), 'Of the last 5 minutes'),
      firstByteP99: orNull(Type.Number(), 'Of the last 5 minutes'),
    }),
    firstByte: Type.Union([Type.Literal('first byte'), Type.Literal('whole answer')], {
      description: 'What first-byte times are: Traefik tells only how long the whole answer of the backend took',
    }),
    open: Type.Union([Type.Literal('websockets'), Type.Literal('connections')], {
      description: 'What `websockets` are: with Traefik, connections to backends of any kind',
    }),
    blind: orNull(Type.String(), 'Why open connections can not be seen'),
  },
  { $id: 'Traffic', description: 'Requests, errors, times and changes of the last hour' },
);
export type Traffic = Static<typeof Traffic>;
export type Series = Static<typeof Series>;

export const CAUSES = ['request', 'data', 'added', 'restored', 'replica'] as const;

export const TrafficRoute = Type.Object(
  {
    key: Type.String({ description: 'Key of the route' }),
    target: Type.String({ description: 'URL of the backend; a user name and password in it are masked' }),
    kind: oneOf(
      KINDS,
      'What it belongs to, by its data: a user’s server, the Hub, a service, extra_routes, or nothing of the Hub',
    ),
    user: orNull(Type.String(), 'Whose server it is'),
    server: orNull(Type.String(), 'Which of the user’s servers; empty for the default one'),
    service: orNull(Type.String(), 'Which service it is'),
    open: orNull(Type.Integer(), 'Open websockets and uploads at the last look; null where that can not be seen'),
    requestsPerMinute: Type.Number({ description: 'Average of the last 5 minutes' }),
    requests: Type.Integer({ description: 'Of the last hour' }),
    serverErrors: Type.Integer({ description: 'Answers of the last hour with 5xx, `unreachable` included' }),
    unreachable: Type.Integer({ description: 'Of those of the last hour, whose backend gave no answer' }),
    recentErrors: Type.Integer({ description: 'Answers of the last 5 minutes with 5xx' }),
    unreachableSince: orNull(Type.Integer(), 'Since when no request has got an answer of the backend, ms since 1970'),
    lastStatus: orNull(Type.Integer(), 'Status of the last answer'),
    firstByteP95: orNull(Type.Number(), 'Of the last 5 to 10 minutes'),
    lastActivity: Time('Its last_activity'),
    cause: orNull(
      oneOf(CAUSES),
      'What moved it last: a request, data over a websocket or of an upload, that it was added, what was stored, another replica',
    ),
    minutes: orNull(
      Type.Array(Type.Integer()),
      'Requests of each minute of the last hour from the first that had any on, this one last, 60 at most; null without history: never used, or no room for it',
    ),
  },
  { $id: 'TrafficRoute', description: 'A route and how it is used' },
);
export type TrafficRoute = Static<typeof TrafficRoute>;

/** `GET /traffic/routes`. */
export const TrafficRoutes = Type.Object(
  {
    time: Time('When this was written'),
    total: Type.Integer({ description: 'Routes in the table' }),
    matching: Type.Integer({ description: 'Of those, how many are asked for' }),
    offset: Type.Integer({ description: 'How many of these come before the first row' }),
    rows: Type.Array(Type.Unsafe<TrafficRoute>({ $ref: 'TrafficRoute#' })),
  },
  { $id: 'TrafficRoutes', description: 'A page of routes' },
);
export type TrafficRoutes = Static<typeof TrafficRoutes>;

/** `GET /traffic/route?key=`. */
export const TrafficOfRoute = Type.Object(
  {
    time: Time('When this was written'),
    since: Time('When counting began: the start of the daemon'),
    route: Type.Unsafe<TrafficRoute>({ $ref: 'TrafficRoute#' }),
    data: Type.String({ description: 'Its data as JSON text, the first 4 KiB; the target in it is masked' }),
    dataIsCut: Type.Boolean({ description: 'Is there more of it?' }),
    sharedWith: Type.Integer({
      description: 'Other routes with the same target: their connections can not be told apart',
    }),
    requests: Type.Integer({ description: 'Since counting began' }),
    bytes: Type.Integer({ description: 'Sent to clients since counting began' }),
    statuses: Type.Object(
      {
        informational: Type.Integer(),
        success: Type.Integer(),
        redirect: Type.Integer(),
        clientError: Type.Integer(),
        serverError: Type.Integer({ description: '`unreachable` included' }),
        unreachable: Type.Integer(),
      },
      { description: 'Answers since counting began, by class of status' },
    ),
    firstByteP50: orNull(Type.Number(), 'Of the last 5 to 10 minutes'),
    firstByteP95: orNull(Type.Number(), 'Of the last 5 to 10 minutes'),
    firstByteP99: orNull(Type.Number(), 'Of the last 5 to 10 minutes'),
    minutes: orNull(
      Type.Object({
        first: Time('When the first minute began'),
        requests: numbers('Requests of each minute'),
        serverErrors: numbers('Of those, answers with 5xx'),
      }),
      'The last 60 minutes; null without history',
    ),
    why: Type.Object(
      {
        lastActivity: Time('Its last_activity, which the Hub and cullers are given'),
        cause: TrafficRoute.properties.cause,
        lastRequest: orNull(
          Type.Integer(),
          'When the last request ended that counts (below 300, sent whole), ms since 1970',
        ),
        requestsPerMinute: Type.Number({
          description: 'Requests that count, average of the last 60 minutes or since start',
        }),
        isPolling: Type.Boolean({
          description:
            'Requests that count came in nearly every one of the last 60 minutes: looks like a page that polls',
        }),
        lastData: orNull(
          Type.Integer(),
          'When data of a client was last seen on an open websocket or upload, ms since 1970',
        ),
        open: orNull(Type.Integer(), 'How many of these are open'),
      },
      { description: 'What keeps its last_activity moving. Times since the daemon started; null: not since then' },
    ),
  },
  { $id: 'TrafficOfRoute', description: 'One route in detail' },
);
export type TrafficOfRoute = Static<typeof TrafficOfRoute>;

export const Person = Type.Object(
  {
    user: Type.String({ description: 'The name in the data of the routes' }),
    servers: Type.Array(Type.Object({ key: Type.String(), server: Type.String() }), {
      description: 'The user’s routes, the first 20',
    }),
    serverCount: Type.Integer(),
    open: orNull(Type.Integer(), 'Open websockets and uploads of all of them'),
    requestsPerMinute: Type.Number({ description: 'Average of the last 5 minutes' }),
    serverErrors: Type.Integer({ description: 'Answers of the last hour with 5xx' }),
    lastActivity: Time('The newest last_activity'),
  },
  { $id: 'Person', description: 'Someone with servers, and how these are used' },
);
export type Person = Static<typeof Person>;

/** `GET /traffic/people`. */
export const People = Type.Object(
  {
    time: Time('When this was written'),
    total: Type.Integer({ description: 'People with routes' }),
    matching: Type.Integer({ description: 'Of those, how many are asked for' }),
    offset: Type.Integer({ description: 'How many of these come before the first row' }),
    rows: Type.Array(Type.Unsafe<Person>({ $ref: 'Person#' })),
  },
  { $id: 'People', description: 'A page of people' },
);
export type People = Static<typeof People>;

export const Event = Type.Object(
  {
    id: Type.Integer({ description: 'Grows by one for each event' }),
    time: Time('When it happened'),
    kind: oneOf(EVENT_KINDS),
    level: Type.Union([Type.Literal('info'), Type.Literal('warning'), Type.Literal('error')]),
    actor: orNull(
      Type.String(),
      'Who did it, as far as it is known: the Signalbox-Actor header, a namespace, another replica',
    ),
    key: orNull(Type.String(), 'The route that it is about, if it is about one'),
    text: Type.String({ description: 'What happened, a sentence' }),
  },
  { $id: 'Event', description: 'Something that happened' },
);
export type Event = Static<typeof Event>;

/** `GET /events?after=`. */
export const Events = Type.Object(
  {
    time: Time('When this was written'),
    since: Time('When the daemon started: ids begin anew then'),
    events: Type.Array(Type.Unsafe<Event>({ $ref: 'Event#' }), { description: 'The oldest first, 1,000 at most' }),
    missed: Type.Boolean({ description: 'Were there events after `after` that are kept no longer?' }),
  },
  { $id: 'Events' },
);
export type Events = Static<typeof Events>;

/** `POST /verify`. */
export const Verified = Type.Object(
  {
    wanted: Type.Integer({ description: 'Generation of the wanted table' }),
    served: Type.Integer({ description: 'Generation that the proxy has shown to serve' }),
    ms: Type.Number({ description: 'How long it took' }),
  },
  { $id: 'Verified', description: 'The proxy was asked, and serves what it should' },
);
export type Verified = Static<typeof Verified>;

/** `POST /check-target`. */
export const TargetChecked = Type.Object(
  {
    key: Type.String(),
    target: Type.String({ description: 'Masked as in TrafficRoute' }),
    address: orNull(
      Type.String(),
      'Where it led to: `127.0.0.1:9002`, the path of a socket; null where no name was found',
    ),
    reachable: Type.Boolean({ description: 'Did it take a TCP connection within a second?' }),
    ms: orNull(Type.Number(), 'How long that took'),
    error: orNull(Type.String(), 'Why it did not'),
  },
  { $id: 'TargetChecked', description: 'Whether the backend of a route takes connections' },
);
export type TargetChecked = Static<typeof TargetChecked>;

export const TRAFFIC_SCHEMAS = [
  Series,
  Traffic,
  TrafficRoute,
  TrafficRoutes,
  TrafficOfRoute,
  Person,
  People,
  Event,
  Events,
  Verified,
  TargetChecked,
];
