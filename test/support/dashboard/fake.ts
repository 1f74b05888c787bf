import { createReadStream } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { TrafficRoute } from '../../../src/api/traffic/schemas.ts';
import type { Me, Problem } from '../../../src/dashboard/page-api.ts';
import {
  FAKE_ME,
  fakeEvents,
  fakeHubServers,
  fakeHubUser,
  fakeOfRoute,
  fakePeople,
  fakeRoutes,
  fakeStatus,
  fakeTraffic,
  SCENES,
  type Scene,
} from './fake-data.ts';

/** The policy of the real server: src/dashboard/headers.ts. */
const POLICY =
  "default-src 'none';script-src 'self';style-src 'self';img-src 'self';connect-src 'self';frame-ancestors 'none';base-uri 'none';form-action 'self';require-trusted-types-for 'script'";

export interface FakeDashboard {
  /** Each scene has a folder of its own: `${origin}/full/`. */
  readonly origin: string;
  /** What was asked for, `POST api/actions/verify {}`. */
  readonly asked: string[];
  /** Changes who looks. */
  me: Me;
  /** Answers everything with that status until it is undefined again. */
  failing: number | undefined;
  /** Answers this path with something that no daemon says. */
  garbled: string | undefined;
  close(): Promise<void>;
}

/**
 * A fake at a boundary: it stands in for the dashboard's server and the daemon behind it, with made-up data, to look at the page in
 * states that are hard to bring about.
 */
export async function startFakeDashboard(
  pageFolder: string,
  manifest: { script: string; style: string },
  { port = 0, clock = Date.now }: { port?: number; clock?: () => number } = {},
): Promise<FakeDashboard> {
  const started = clock() - 76 * 3_600_000;
  const removed = new Map<string, string>();
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));

  const fake: FakeDashboard = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: [],
    me: FAKE_ME,
    failing: undefined,
    garbled: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', fake.origin);
    const [, name = '', ...rest] = pathname.split('/');
    const scene = SCENES.find((one) => one === name);
    const path = rest.join('/');
    response.setHeader('content-security-policy', POLICY);
    if (!scene) return void response.writeHead(name === 'favicon.ico' ? 204 : 404).end();
    if (path === '') return void response.setHeader('content-type', 'text/html; charset=utf-8').end(html());
    if (path.startsWith('assets/')) {
      response.setHeader('content-type', path.endsWith('.css') ? 'text/css' : 'text/javascript');
      return void createReadStream(join(pageFolder, path.slice('assets/'.length))).pipe(response);
    }
    const body = request.method === 'POST' ? await read(request) : '';
    if (request.method === 'POST') fake.asked.push(`POST ${path} ${body}`);
    if (path === fake.garbled) return void response.setHeader('content-type', 'application/json').end('{"rows":7}');
    const [status, value] = fake.failing ? problem(fake.failing) : data(scene, path, searchParams, body, request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  }

  function html(): string {
    return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Signalbox</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="signalbox-page" content="fake-token">
<link rel="stylesheet" href="assets/${manifest.style}"><script type="module" src="assets/${manifest.script}"></script></head>
<body><div id="app"></div><noscript>This page needs JavaScript.</noscript></body></html>`;
  }

  function data(
    scene: Scene,
    path: string,
    query: URLSearchParams,
    body: string,
    request: IncomingMessage,
  ): [number, unknown] {
    if (request.headers['signalbox-page'] !== 'fake-token') return problem(403);
    const now = clock();
    const routes = fakeRoutes(scene, now).filter(({ key }) => ![...removed.values()].includes(key));
    switch (path) {
      case 'api/me':
        return [200, fake.me];
      case 'api/status':
        return [200, fakeStatus(scene, now, started)];
      case 'api/traffic':
        return [200, fakeTraffic(scene, now, started)];
      case 'api/traffic/routes':
        return [200, { time: now, ...page(routes, query, shows(query), sorts(query.get('sort'))) }];
      case 'api/traffic/people':
        return [
          200,
          {
            time: now,
            ...page(
              fakePeople(routes),
              query,
              () => true,
              (one) => one.user,
            ),
          },
        ];
      case 'api/traffic/route': {
        const route = routes.find(({ key }) => key === query.get('key'));
        return route ? [200, fakeOfRoute(scene, route, now, started)] : problem(404);
      }
      case 'api/events': {
        const after = Number(query.get('after') ?? 0);
        return [
          200,
          { time: now, since: started, events: fakeEvents(scene, now).filter(({ id }) => id > after), missed: false },
        ];
      }
      case 'api/hub/user':
        return [200, fakeHubUser(query.get('name') ?? '', now)];
      case 'api/hub/servers':
        return [200, fakeHubServers(scene)];
      case 'api/log-out':
        return [200, { next: '/' }];
      default:
        return act(path, JSON.parse(body || '{}'));
    }
  }

  function act(path: string, { key = '', undo = '' }: { key?: string; undo?: string }): [number, unknown] {
    switch (path) {
      case 'api/actions/verify':
        return [200, { wanted: 48_211, served: 48_211, ms: 3.2 }];
      case 'api/actions/check-target':
        return [
          200,
          {
            key,
            target: 'http://10.0.3.7:8888',
            address: '10.0.3.7:8888',
            reachable: key !== '/user/bob',
            ms: key === '/user/bob' ? null : 1.4,
            error: key === '/user/bob' ? 'connection refused' : null,
          },
        ];
      case 'api/actions/remove-route':
        removed.set(`undo ${removed.size}`, key);
        return [200, { undo: `undo ${removed.size - 1}`, key }];
      case 'api/actions/restore-route':
        removed.delete(undo);
        return [200, {}];
      case 'api/actions/sync':
        return [200, {}];
      case 'api/actions/stop-server':
        return [200, { pending: true }];
      default:
        return problem(404);
    }
  }
  return fake;
}

function problem(status: number): [number, Problem] {
  const messages: Record<number, string> = {
    401: 'You are signed out',
    403: 'The page token is missing',
    404: 'There is no such route',
    503: 'The daemon does not answer: connect ECONNREFUSED 127.0.0.1:8001',
  };
  return [
    status,
    { message: messages[status] ?? 'Something is wrong', code: status === 503 ? 'API_UNREACHABLE' : 'FAKE' },
  ];
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

function page<Row extends object>(
  rows: readonly Row[],
  query: URLSearchParams,
  isShown: (row: Row) => boolean,
  by: (row: Row) => number | string,
) {
  const sought = (query.get('q') ?? '').toLowerCase();
  const sign = query.get('desc') === 'true' ? -1 : 1;
  const matching = rows
    .filter((row) => isShown(row) && JSON.stringify(row).toLowerCase().includes(sought))
    .sort((a, b) => sign * (by(a) < by(b) ? -1 : by(a) > by(b) ? 1 : 0));
  const offset = Number(query.get('offset') ?? 0);
  const limit = Number(query.get('limit') ?? 100);
  return { total: rows.length, matching: matching.length, offset, rows: matching.slice(offset, offset + limit) };
}

function shows(query: URLSearchParams): (route: TrafficRoute) => boolean {
  const show = query.get('show');
  const kind = query.get('kind');
  return (route) => {
    if (kind && route.kind !== kind) return false;
    if (show === 'errors') return route.serverErrors > 0;
    if (show === 'foreign') return route.kind === 'foreign';
    if (show === 'never') return route.minutes === null;
    if (show === 'slow') return (route.firstByteP95 ?? 0) > 1000;
    return show !== 'active' || route.requestsPerMinute > 0;
  };
}

function sorts(sort: string | null): (route: TrafficRoute) => number | string {
  return (route) => {
    switch (sort) {
      case 'requests':
        return route.requestsPerMinute;
      case 'errors':
        return route.serverErrors;
      case 'slow':
        return route.firstByteP95 ?? -1;
      case 'used':
        return route.lastActivity;
      case 'open':
        return route.open ?? -1;
      case 'owner':
        return route.user ?? '';
      case 'target':
        return route.target;
      default:
        return route.key;
    }
  };
}
