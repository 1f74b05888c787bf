import type { StatusReport } from '../../../src/api/schemas.ts';
import type { Event, Person, Series, Traffic, TrafficOfRoute, TrafficRoute } from '../../../src/api/traffic/schemas.ts';
import type { HubServers, HubUser, Me } from '../../../src/dashboard/page-api.ts';

/*
 * Made-up answers for the page alone: states that a real proxy gets into rarely, or never at once. What the daemon really says
 * is tested with real ones.
 */

export const SCENES = ['full', 'empty', 'trouble', 'hostile', 'blind'] as const;
export type Scene = (typeof SCENES)[number];

const NAMES =
  'ada bob carol dan edsger frances grace hedy ivan joan katherine linus margaret niklaus olga pat radia sophie tim ursula'.split(
    ' ',
  );
const HOSTILE = [
  '<img src=x onerror=alert(1)>',
  '"><script>alert(1)</script>',
  'gnp.\u202eexe',
  'a\nb\tc',
  "'; DROP TABLE routes; --",
  '{{constructor.constructor("alert(1)")()}}',
  'javascript:alert(1)',
  '=HYPERLINK("http://evil")',
  'עברית',
  '👩‍👩‍👧',
  '  ',
  'n'.repeat(255),
  '__proto__',
];
const HOUR = 3_600_000;

/** Numbers that look like chance, and are the same each time. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

export function fakeRoutes(scene: Scene, now: number): TrafficRoute[] {
  if (scene === 'empty') return [];
  const next = chance(7);
  const isBlind = scene === 'blind';
  const users = scene === 'hostile' ? HOSTILE : Array.from({ length: 260 }, (_, at) => nameOf(at));
  const ofUsers = users.map((user, at): TrafficRoute => {
    const server = at % 9 === 4 ? (scene === 'hostile' ? (HOSTILE[(at + 3) % HOSTILE.length] ?? '') : 'gpu') : '';
    const isIdle = at % 5 === 3;
    const isBroken = scene === 'trouble' && at === 1;
    const level = isIdle ? 0 : next() ** 3 * 80;
    const minutes = Array.from({ length: 60 }, (_, minute) =>
      Math.round(level * (0.4 + next()) * (1 + Math.sin((minute + at * 7) / 9))),
    );
    const errors = isBroken ? 312 : at % 17 === 5 ? Math.ceil(next() * 40) : 0;
    return {
      key: `/user/${user}${server && `/${server}`}`,
      target: `http://10.0.${at % 12}.${(at * 7) % 250}:8888`,
      kind: 'user',
      user,
      server,
      service: null,
      open: isBlind ? null : isIdle ? 0 : Math.floor(next() * 4),
      requestsPerMinute: minutes.slice(-5).reduce((sum, value) => sum + value, 0) / 5,
      requests: minutes.reduce((sum, value) => sum + value, 0),
      serverErrors: errors,
      unreachable: isBroken ? 312 : 0,
      recentErrors: isBroken ? 312 : scene === 'trouble' && at % 17 === 5 ? errors : 0,
      unreachableSince: isBroken ? now - 7 * 60_000 : null,
      lastStatus: isIdle ? null : isBroken ? 503 : 200,
      firstByteP95: isIdle ? null : Math.round(20 + next() ** 4 * 3_000),
      lastActivity: now - (isIdle ? HOUR * (1 + next() * 40) : next() * 90_000),
      cause: isIdle ? 'restored' : at % 3 === 0 ? 'data' : 'request',
      minutes: isIdle ? null : minutes,
    };
  });
  const base = ofUsers[0] as TrafficRoute;
  const others: Partial<TrafficRoute>[] = [
    { key: '/', target: 'http://127.0.0.1:8081', kind: 'hub', requestsPerMinute: 61 },
    { key: '/services/grader', target: 'http://10.0.9.2:9000', kind: 'service', service: 'grader' },
    { key: '/services/signalbox', target: 'http://127.0.0.1:8002', kind: 'service', service: 'signalbox' },
    { key: '/docs', target: 'http://10.0.9.9:80', kind: 'extra' },
    {
      key: '/old/thing',
      target: 'http://***@10.0.9.10:8080/a',
      kind: 'foreign',
      cause: 'restored',
      minutes: null,
      firstByteP95: null,
      requests: 0,
      requestsPerMinute: 0,
      lastStatus: null,
    },
  ];
  return [...ofUsers, ...others.map((other) => ({ ...base, user: null, server: null, ...other }))];
}

function nameOf(at: number): string {
  const name = NAMES[at % NAMES.length] ?? 'zoe';
  const round = Math.floor(at / NAMES.length);
  return round === 0 ? name : `${name}.${NAMES[(at * 3) % NAMES.length]}${round}`;
}

export function fakePeople(routes: readonly TrafficRoute[]): Person[] {
  return routes
    .filter((route) => route.user !== null)
    .map(({ user, key, server, open, requestsPerMinute, serverErrors, lastActivity }, at) => {
      const more = at % 6 === 2 ? ['gpu', 'big', 'teaching', 'scratch'] : [];
      const servers = [{ key, server: server ?? '' }, ...more.map((name) => ({ key: `${key}/${name}`, server: name }))];
      return {
        user: user ?? '',
        servers,
        serverCount: servers.length,
        open,
        requestsPerMinute,
        serverErrors,
        lastActivity,
      };
    });
}

export function fakeTraffic(scene: Scene, now: number, started: number): Traffic {
  const isBlind = scene === 'blind';
  const fine = series(scene, 1_000, 300, now);
  const coarse = series(scene, 10_000, 360, now);
  const isEmpty = scene === 'empty';
  const isTrouble = scene === 'trouble';
  return {
    time: now,
    since: started,
    fine,
    coarse,
    now: {
      routes: isEmpty ? 0 : 10_002,
      people: isBlind ? null : isEmpty ? 0 : 183,
      websockets: isBlind ? null : isEmpty ? 0 : 391,
      requestsPerSecond: isEmpty ? 0 : 412.3,
      requests: isEmpty ? 0 : 123_690,
      serverErrors: isEmpty ? 0 : isTrouble ? 4_371 : 37,
      unreachable: isTrouble ? 312 : 0,
      firstByteP50: isEmpty ? null : 11,
      firstByteP95: isEmpty ? null : 84,
      firstByteP99: isEmpty ? null : 610,
    },
    firstByte: isBlind ? 'whole answer' : 'first byte',
    open: isBlind ? 'connections' : 'websockets',
    blind: isBlind ? 'the proxy runs in another network namespace' : null,
  };
}

function series(scene: Scene, step: number, length: number, now: number): Series {
  const last = Math.floor(now / step) * step;
  const times = Array.from({ length }, (_, at) => last - (length - 1 - at) * step);
  const isEmpty = scene === 'empty';
  const isBlind = scene === 'blind';
  // Of the time, so that a sample stays what it was.
  const wave = (time: number, period: number, seed: number) => {
    const sample = Math.floor(time / step) * 7_919 + seed * 104_729;
    const noise = Math.abs(Math.sin(sample) * 43_758.5453) % 1;
    return 0.75 + 0.25 * Math.sin(time / period) + 0.1 * noise;
  };
  const counts = (perSecond: number, seed: number) =>
    times.map((time) => (isEmpty ? 0 : Math.round(((perSecond * step) / 1000) * wave(time, 400_000, seed))));
  const known = (value: number, period: number, seed: number, isNull: boolean) =>
    times.map((time) => (isEmpty || isNull ? null : Math.round(value * wave(time, period, seed))));
  const bursts = (most: number, every: number, seed: number) =>
    times.map((time) =>
      isEmpty || Math.floor(time / step) % every !== seed ? 0 : Math.ceil(most * wave(time, 1e5, seed)),
    );
  const spike = (time: number) => (scene === 'trouble' && now - time < 7 * 60_000 ? 1 : 0);
  return {
    step,
    times,
    informational: counts(2, 1),
    success: counts(340, 2),
    redirect: counts(42, 3),
    clientError: counts(14, 4),
    serverError: counts(0.6, 5).map((value, at) => value + spike(times[at] ?? 0) * Math.round((14 * step) / 1000)),
    unreachable: counts(0, 6),
    bytes: counts(4e6, 7),
    firstByteP50: known(14, 9e5, 8, false),
    firstByteP95: known(110, 7e5, 9, false),
    firstByteP99: known(900, 5e5, 10, false),
    websockets: known(480, 1.2e6, 11, isBlind),
    people: known(225, 1.2e6, 12, isBlind),
    changes: bursts(18, 4, 1),
    passP95: bursts(18, 4, 1).map((value, at) => (value === 0 ? null : Math.round(30 * wave(times[at] ?? 0, 3e5, 13)))),
    reloads: bursts(1, 72, 11),
  };
}

export function fakeStatus(scene: Scene, now: number, started: number): StatusReport {
  const isTrouble = scene === 'trouble';
  const ago = (ms: number) => new Date(now - ms).toISOString();
  const said = 'nginx: [emerg] unknown directive "proxi_set" in /var/lib/signalbox/conf/proxy.conf:12';
  return {
    version: '0.1.0',
    driver: scene === 'blind' ? 'traefik' : 'nginx',
    table: scene === 'blind' ? 'tree' : 'live',
    proxy: { up: true, version: scene === 'blind' ? '3.5.2' : '1.31.3', restarts: isTrouble ? 2 : 0 },
    generation: { wanted: 48_211, served: isTrouble ? 48_207 : 48_211 },
    routes: scene === 'empty' ? 0 : 10_002,
    namespaces: isTrouble
      ? [
          { name: 'physics', routes: 200, maxRoutes: 200 },
          { name: 'maths', routes: 12, maxRoutes: null },
        ]
      : [],
    pending: isTrouble ? 4 : 0,
    lastError: isTrouble ? { time: ago(95_000), message: 'nginx did not confirm generation 48208 within 5 s' } : null,
    refused: isTrouble
      ? [{ key: '/user/eve', reason: 'invalid host in upstream "http://:80"', since: ago(400_000) }]
      : [],
    reloads: 7,
    drainingWorkers: scene === 'blind' ? null : isTrouble ? 3 : 0,
    draining: scene === 'blind' ? null : { generations: isTrouble ? 2 : 0, bytes: isTrouble ? 48_300_000 : 0 },
    pins: scene === 'blind' ? null : { targets: 412, share: 0.968 },
    templates: {
      own: isTrouble || scene === 'hostile' ? ['proxy.conf', 'locations.conf'] : [],
      error:
        isTrouble || scene === 'hostile'
          ? {
              time: ago(3_600_000),
              file: 'proxy.conf',
              line: 12,
              message: scene === 'hostile' ? `${HOSTILE[0]}\n${HOSTILE[2]}` : said,
            }
          : null,
    },
    activity: {
      lines: 8_812_345,
      unreadable: 0,
      backlogBytes: isTrouble ? 12_400_000 : 0,
      blind: scene === 'blind' ? 'the proxy runs in another network namespace' : null,
    },
    fleet: isTrouble
      ? {
          database: 'postgresql://signalbox@db.example/signalbox',
          problem: null,
          staleSeconds: 0.4,
          lease: true,
          listening: true,
          ack: 'all',
          replicas: [
            {
              id: 'a',
              name: 'node-1',
              version: '0.1.0',
              api: 'http://10.0.0.1:8001',
              state: 'serving',
              served: 48_207,
              leaseSeconds: 4.1,
              awaited: true,
              self: true,
            },
            {
              id: 'b',
              name: 'node-2',
              version: '0.1.0',
              api: 'http://10.0.0.2:8001',
              state: 'serving',
              served: 48_211,
              leaseSeconds: 3.9,
              awaited: true,
              self: false,
            },
            {
              id: 'c',
              name: 'node-3',
              version: '0.1.0',
              api: null,
              state: 'serving',
              served: 48_190,
              leaseSeconds: -12,
              awaited: true,
              self: false,
            },
          ],
        }
      : null,
    uptimeSeconds: (now - started) / 1000,
  };
}

export function fakeOfRoute(scene: Scene, route: TrafficRoute, now: number, started: number): TrafficOfRoute {
  const errors = route.serverErrors;
  const { minutes } = route;
  return {
    time: now,
    since: started,
    route,
    data: JSON.stringify(
      {
        target: route.target,
        user: route.user,
        server_name: route.server,
        jupyterhub: true,
        ...(scene === 'hostile' && { note: HOSTILE }),
      },
      null,
      2,
    ),
    dataIsCut: scene === 'hostile',
    sharedWith: scene === 'blind' ? 3 : 0,
    requests: route.requests * 9,
    bytes: route.requests * 61_234,
    statuses: {
      informational: minutes ? 31 : 0,
      success: route.requests * 8,
      redirect: Math.round(route.requests * 0.7),
      clientError: Math.round(route.requests * 0.3),
      serverError: errors,
      unreachable: route.unreachable,
    },
    firstByteP50: route.firstByteP95 === null ? null : route.firstByteP95 / 6,
    firstByteP95: route.firstByteP95,
    firstByteP99: route.firstByteP95 === null ? null : route.firstByteP95 * 3,
    minutes: minutes && {
      first: Math.floor(now / 60_000) * 60_000 - 59 * 60_000,
      requests: minutes,
      serverErrors: minutes.map((value, at) => (errors > 0 && at > 52 ? Math.ceil(value / 3) : 0)),
    },
    why: {
      lastActivity: route.lastActivity,
      cause: route.cause,
      lastRequest: minutes ? route.lastActivity - (route.cause === 'request' ? 0 : 82_000) : null,
      requestsPerMinute: route.requests / 60,
      isPolling: route.cause === 'data',
      lastData: scene === 'blind' || route.cause !== 'data' ? null : route.lastActivity,
      open: route.open,
    },
  };
}

export function fakeEvents(scene: Scene, now: number): Event[] {
  if (scene === 'empty') return [];
  const names = scene === 'hostile' ? HOSTILE : NAMES;
  const next = chance(3);
  const kinds = [
    (name: string) => ({
      kind: 'change' as const,
      level: 'info' as const,
      actor: null,
      key: `/user/${name}`,
      text: `Added route /user/${name} -> http://10.0.3.7:8888`,
    }),
    (name: string) => ({
      kind: 'change' as const,
      level: 'info' as const,
      actor: null,
      key: `/user/${name}`,
      text: `Removed route /user/${name}`,
    }),
    () => ({
      kind: 'reload' as const,
      level: 'info' as const,
      actor: null,
      key: null,
      text: 'nginx was reloaded: pins for 412 targets',
    }),
    (name: string) => ({
      kind: 'action' as const,
      level: 'info' as const,
      actor: `${name} via dashboard`,
      key: '/user/bob',
      text: 'Verified: the proxy serves generation 48,190',
    }),
    () => ({
      kind: 'failure' as const,
      level: 'error' as const,
      actor: null,
      key: null,
      text: 'nginx did not confirm generation 48208 within 5 s',
    }),
    () => ({
      kind: 'recovery' as const,
      level: 'info' as const,
      actor: null,
      key: null,
      text: 'nginx serves generation 48209',
    }),
    () => ({
      kind: 'template' as const,
      level: 'warning' as const,
      actor: null,
      key: null,
      text: 'proxy.conf:12 was refused: unknown directive "proxi_set"',
    }),
  ];
  return Array.from({ length: 240 }, (_, at): Event => {
    const pick = next();
    const make = kinds[pick < 0.75 ? Math.floor(pick * 2.6) : 2 + Math.floor((pick - 0.75) * 20)] ?? kinds[0];
    const name = names[Math.floor(next() * names.length)] ?? '';
    return { id: at + 1, time: now - (240 - at) * 31_000, ...(make as (typeof kinds)[0])(name) };
  });
}

export const FAKE_ME: Me = {
  name: 'ada',
  login: 'hub',
  mayOperate: true,
  viewOnly: null,
  hub: { url: '/hub/', maySync: true, mayStop: true, mayListUsers: true },
  ownRoute: '/services/signalbox',
  version: '0.1.0',
};

export function fakeHubUser(name: string, now: number): HubUser {
  const server = {
    ready: true,
    pending: null,
    started: new Date(now - 76 * HOUR).toISOString(),
    lastActivity: new Date(now - 280_000).toISOString(),
    url: `/user/${encodeURIComponent(name)}/`,
  };
  return {
    name,
    admin: false,
    lastActivity: server.lastActivity,
    servers: [
      { name: '', ...server },
      { name: 'gpu', ...server },
    ],
  };
}

export function fakeHubServers(scene: Scene): HubServers {
  if (scene !== 'trouble') return { stale: [], missing: [], compared: { routes: 260, servers: 260 } };
  return {
    stale: [{ key: '/user/bob', user: 'bob', server: '' }],
    missing: [{ user: 'carol', server: 'gpu', url: '/user/carol/gpu/' }],
    compared: { routes: 260, servers: 259 },
  };
}
