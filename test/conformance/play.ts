import { connect as connectTcp, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { type HeaderPairs, headerOf, type RawResponse, ResponseReader } from '../support/http-response.ts';
import { type Address, requestBytes } from '../support/raw-http.ts';
import type { Fields, RawStep, RequestStep, Script, Step, WebSocketStep } from './case.ts';
import { TOKEN } from './programs.ts';
import type { RunningProxy } from './proxy.ts';
import { run } from './run.ts';
import { bodyOf, describeBody, type Seen } from './scripted-backend.ts';
import { fill, unfill } from './side.ts';

const TIMEOUT = 8_000;

/** Does one step against one proxy, and says what came back and what the backends saw of it. */
export async function play(step: Step, proxy: RunningProxy): Promise<Fields> {
  if ('run' in step) return run(step, proxy);
  const { stage } = proxy.side;
  stage.seen = [];
  stage.script = fillScript(step.answer ?? {}, proxy.names);
  const fields = 'ws' in step ? await converse(step, proxy) : await exchange(step, proxy);
  Object.assign(fields, describeSeen(stage.seen));
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value === 'string') fields[name] = unfill(value, proxy.names);
  }
  return fields;
}

function fillScript(script: Script, names: RunningProxy['names']): Script {
  if (!script.headers) return script;
  return { ...script, headers: script.headers.map(([name, value]) => [name, fill(value, names)]) };
}

/** The same without a look at the backends, which may be at another proxy's case meanwhile. */
export async function exchange(step: RequestStep | RawStep, proxy: RunningProxy): Promise<Fields> {
  const address = proxy.addresses[step.to ?? 'public'];
  const socket = open(address, step, proxy);
  try {
    return await ('raw' in step
      ? converseRaw(socket, [Buffer.from(fill(step.raw, proxy.names), 'latin1')], 'GET', step)
      : converseRaw(socket, bytesOf(step, address, proxy), step.request.split(' ', 1)[0] ?? 'GET', step));
  } catch (error) {
    return { error: address.tls ? 'turned away' : String((error as Error).message) };
  } finally {
    socket.destroy();
  }
}

function open(
  address: Address,
  step: { certificate?: 'trusted' | 'stranger'; tlsVersion?: string },
  proxy: RunningProxy,
): Socket {
  const where = address.socketPath ? { path: address.socketPath } : { host: '127.0.0.1', port: address.port ?? 0 };
  return address.tls ? connectTls({ ...where, ...tlsOptions(step, proxy) }) : connectTcp(where);
}

function tlsOptions(
  step: { certificate?: 'trusted' | 'stranger'; tlsVersion?: string },
  proxy: RunningProxy,
): ConnectionOptions {
  const { pem } = proxy.side.certificates;
  const shown = step.certificate && pem[step.certificate === 'trusted' ? 'client' : 'stranger'];
  const version = step.tlsVersion as ConnectionOptions['minVersion'];
  return {
    ca: [pem.public.cert],
    servername: 'localhost',
    ...(shown ? { key: shown.key, cert: shown.cert } : {}),
    ...(version ? { minVersion: version, maxVersion: version } : {}),
  };
}

/** Head and body apart: with `Expect: 100-continue` the body waits for leave. */
function bytesOf(step: RequestStep, address: Address, { names }: RunningProxy): Buffer[] {
  const [method = ''] = step.request.split(' ', 1);
  const headers: HeaderPairs = (step.headers ?? []).map(([name, value]) => [name, fill(value, names)]);
  if (step.to === 'api' && headerOf(headers, 'authorization') === undefined) {
    headers.push(['Authorization', `token ${TOKEN}`]);
  }
  const body =
    step.body === undefined ? undefined : bodyOf(typeof step.body === 'string' ? fill(step.body, names) : step.body);
  if (step.chunked) headers.push(['Transfer-Encoding', 'chunked']);
  else if (body) headers.push(['Content-Length', String(body.length)]);
  const port = address.port === undefined ? {} : { port: address.port };
  // An empty Host is none at all.
  const target = fill(step.request.slice(method.length + 1), names);
  let head = requestBytes({ ...port, target, method, headers }, 'close');
  if (headerOf(headers, 'host') === '')
    head = Buffer.from(head.toString('latin1').replace(/Host: \r\n/i, ''), 'latin1');
  return body ? [head, step.chunked ? chunk(body) : body] : [head];
}

function chunk(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; at += 65_536) {
    const part = body.subarray(at, at + 65_536);
    parts.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n'));
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

function converseRaw(
  socket: Socket,
  [head = Buffer.alloc(0), body]: readonly Buffer[],
  method: string,
  step: { timeout?: number },
): Promise<Fields> {
  const waits = body !== undefined && /\r\nexpect: 100-continue\r\n/i.test(head.toString('latin1'));
  let interim: number | undefined;
  return new Promise<Fields>((resolve, reject) => {
    const reader = new ResponseReader(method);
    const timer = setTimeout(() => reject(new Error('no answer in time')), step.timeout ?? TIMEOUT);
    const settle = (read: () => RawResponse | undefined, otherwise?: string) => {
      try {
        const response = read();
        if (response) resolve({ ...describeResponse(response), ...(interim ? { interim } : {}) });
        else if (otherwise) reject(new Error(otherwise));
      } catch (error) {
        reject(error as Error);
      }
    };
    socket.on('data', (bytes: Buffer) => {
      const leave = /^HTTP\/1\.1 (1\d\d) /.exec(bytes.toString('latin1', 0, 20))?.[1];
      if (leave && leave !== '101') {
        interim = Number(leave);
        if (waits) socket.write(body);
      }
      settle(() => reader.push(bytes));
    });
    socket.on('end', () => settle(() => reader.end(), 'closed without an answer'));
    socket.on('error', () => settle(() => reader.end(), 'closed without an answer'));
    socket.on('close', () => clearTimeout(timer));
    socket.write(head);
    if (body && !waits) socket.write(body);
  });
}

function describeResponse(response: RawResponse): Fields {
  const fields: Fields = {
    status: response.status,
    reason: response.reason,
    complete: String(response.complete),
    ...flatHeaders('headers', response.headers),
  };
  const type = headerOf(response.headers, 'content-type');
  fields.body = type === 'application/json' ? sortedJson(response.body.toString('utf8')) : describeBody(response.body);
  const metrics = metricsOf(response.body.toString('utf8'));
  if (metrics) fields.metrics = metrics;
  return fields;
}

/** Name and type of each metric in Prometheus' text format, without those that each program has of its own process. */
function metricsOf(text: string): string {
  const metrics = [...text.matchAll(/^# TYPE (\S+ \S+)$/gm)].map((match) => match[1] ?? '');
  return metrics
    .filter((name) => !/^(process|nodejs|signalbox)_/.test(name))
    .sort()
    .join(', ');
}

/** One field a header name, in lower case; repeated ones keep their order. */
function flatHeaders(prefix: string, headers: Iterable<readonly [string, string]>): Fields {
  const fields: Fields = {};
  for (const [name, value] of headers) {
    const field = `${prefix}.${name.toLowerCase()}`;
    fields[field] = field in fields ? `${fields[field]}, ${value}` : value;
  }
  return fields;
}

/** JSON whose members are in order, with every time of the last minute made the same. */
function sortedJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (name, value) => {
      if (name === 'last_activity' && Math.abs(Date.parse(value) - Date.now()) < 300_000) return 'just now';
      const plain = value !== null && typeof value === 'object' && !Array.isArray(value);
      return plain ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
    });
  } catch {
    return text;
  }
}

function describeSeen(seen: readonly Seen[]): Fields {
  const fields: Fields = { 'seen.count': seen.length };
  for (const [at, one] of seen.entries()) {
    const prefix = at === 0 ? 'seen' : `seen${at + 1}`;
    fields[`${prefix}.backend`] = one.backend;
    fields[`${prefix}.method`] = one.method;
    fields[`${prefix}.url`] = one.url;
    fields[`${prefix}.body`] = one.body;
    // What an error target is told, however it is encoded.
    const told = new URLSearchParams(one.url.split('?', 2)[1]).get('url');
    if (one.backend === 'error' && told !== null) fields[`${prefix}.told`] = told;
    Object.assign(fields, flatHeaders(`${prefix}.headers`, one.headers));
  }
  return fields;
}

function converse(step: WebSocketStep, proxy: RunningProxy): Promise<Fields> {
  const address = proxy.addresses.public;
  const url = `${address.tls ? 'wss' : 'ws'}://127.0.0.1:${address.port}${step.ws}`;
  const socket = new WebSocket(url, [...(step.protocols ?? [])], {
    headers: { ...step.headers },
    perMessageDeflate: false,
    handshakeTimeout: step.timeout ?? TIMEOUT,
    ...(address.tls ? tlsOptions(step, proxy) : {}),
  });
  const send = (step.send ?? []).map((message) => (typeof message === 'number' ? bodyOf(message) : message));
  const fields: Fields = { status: 0 };
  const messages: string[] = [];
  return new Promise<Fields>((resolve) => {
    const timer = setTimeout(() => finish({ error: 'no answer in time' }), step.timeout ?? TIMEOUT);
    const finish = (more: Fields) => {
      clearTimeout(timer);
      socket.terminate();
      resolve({ ...fields, messages: JSON.stringify(messages), ...more });
    };
    socket.on('upgrade', ({ statusCode = 0, rawHeaders }) => {
      const pairs = Array.from(
        { length: rawHeaders.length / 2 },
        (_, at) => [rawHeaders[2 * at] ?? '', rawHeaders[2 * at + 1] ?? ''] as const,
      );
      Object.assign(fields, { status: statusCode }, flatHeaders('headers', pairs));
    });
    socket.on('open', () => {
      for (const message of send) socket.send(message);
      if (send.length === 0) socket.close(1000);
    });
    socket.on('message', (data, isBinary) => {
      messages.push(`${isBinary ? 'binary ' : ''}${describeBody(data as Buffer)}`);
      if (messages.length === send.length) socket.close(1000);
    });
    socket.on('close', (code, reason) => finish({ close: code, 'close reason': reason.toString() }));
    socket.on('unexpected-response', (_, response) => {
      const chunks: Buffer[] = [];
      const { statusCode: status = 0, statusMessage: reason = '' } = response;
      response.on('data', (bytes: Buffer) => chunks.push(bytes));
      response.on('close', () => finish({ status, reason, body: describeBody(Buffer.concat(chunks)) }));
    });
    socket.on('error', () => finish({ error: 'turned away' }));
  });
}
