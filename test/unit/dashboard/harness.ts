import { writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { InjectOptions } from 'fastify';
import { pino } from 'pino';
import { type AppOptions, buildApp } from '../../../src/dashboard/app.ts';
import { Daemon } from '../../../src/dashboard/daemon.ts';
import type { FormContext } from '../../../src/dashboard/login/form.ts';
import type { Login } from '../../../src/dashboard/login/login.ts';
import { tokenLogin } from '../../../src/dashboard/login/token.ts';
import { MemorySessions } from '../../../src/dashboard/sessions.ts';
import { onCleanup } from '../../support/cleanup.ts';
import { makeTempDir } from '../../support/tmp.ts';

export const WHOLE = 'whole-token';
export const READ = 'read-token';
export const HOST = '127.0.0.1:8002';
export const ORIGIN = `http://${HOST}`;
/** As a browser sends them for an address that was typed. */
export const NAVIGATION = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', accept: 'text/html' };

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Stands for the daemon: answers as a test says, and remembers what it was asked. */
export async function startStandIn(answer: (asked: Asked) => { status?: number; body: unknown }) {
  const asked: Asked[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const one = { method, url, headers, body: await text(request) };
    asked.push(one);
    const { status = 200, body } = answer(one);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onCleanup(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** Where nobody listens. */
const asset = (name: string) => ({ name, integrity: `sha384-of-${name}` });
const NOWHERE = 'http://127.0.0.1:9';

export interface Made {
  readonly api?: string;
  readonly mayChange?: boolean;
  readonly login?: (context: FormContext) => Login;
  readonly options?: Partial<AppOptions>;
  readonly now?: () => number;
}

/** The dashboard's server, without one that listens. */
export function dashboard({ api = NOWHERE, mayChange = true, login, options, now }: Made = {}) {
  const folder = makeTempDir();
  for (const name of ['page-1.js', 'page-1.js.br', 'page-1.css']) writeFileSync(join(folder, name), name);
  const logged: string[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => logged.push(line) });
  const daemon = new Daemon({ url: api, token: WHOLE, mayChange, log, ...(now && { now }) });
  onCleanup(() => daemon.close());
  const prefix = options?.prefix ?? '/signalbox/';
  const context = { prefix, publicUrl: options?.publicUrl, log };
  const app = buildApp({
    ...{ daemon, log, prefix, hub: undefined, publicUrl: undefined, isBehindProxy: false, isOwnRoute: false },
    login: login?.(context) ?? tokenLogin({ whole: WHOLE, read: READ }, context),
    sessions: new MemorySessions({ path: prefix, isSecure: () => false, ...(now && { now }) }),
    page: { folder, script: asset('page-1.js'), style: asset('page-1.css'), remove: () => {} },
    hosts: ['loopback'],
    version: '1.2.3',
    ...options,
  });
  onCleanup(() => app.close());
  const send = (request: InjectOptions & { url: string }) =>
    app.inject({ ...request, headers: { host: HOST, ...request.headers } });

  /** Signs in by the form, and gives back the cookie. */
  async function signIn(token = WHOLE): Promise<string> {
    const answer = await send({
      method: 'POST',
      url: `${prefix}sign-in`,
      headers: { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' },
      payload: `token=${token}`,
    });
    return `${answer.headers['set-cookie']}`.split(';')[0] ?? '';
  }

  /** Opens the page, and gives back what its requests have. */
  async function open(cookie: string, headers: Record<string, string> = NAVIGATION) {
    const answer = await send({ url: prefix, headers: { cookie, ...headers } });
    const token = /name="signalbox-page" content="([^"]+)"/.exec(answer.body)?.[1] ?? '';
    return { cookie, 'signalbox-page': token };
  }

  /** An action, as the page sends it unless told otherwise. */
  function act(action: string, body: unknown, headers: Record<string, string>) {
    return send({
      method: 'POST',
      url: `${prefix}api/${action}`,
      headers: { origin: ORIGIN, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', ...headers },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    });
  }

  return { app, logged, send, signIn, open, act };
}
