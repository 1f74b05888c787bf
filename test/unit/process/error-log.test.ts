import { appendFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ErrorLog } from '../../../src/process/error-log.ts';
import { shapeOf } from '../../../src/process/repeats.ts';
import { parseErrorLine } from '../../../src/proxies/nginx/error-line.ts';
import { makeTempDir } from '../../support/tmp.ts';

type Told = { kind: 'warn' | 'error'; msg: string } & Record<string, unknown>;

let path: string;
let told: Told[];
let errorLog: ErrorLog;
const reopen = vi.fn();

beforeEach(() => {
  vi.useFakeTimers();
  path = join(makeTempDir(), 'error.log');
  told = [];
  reopen.mockClear();
  const tell = (kind: Told['kind']) => (fields: object, msg: string) => void told.push({ kind, msg, ...fields });
  const log = { warn: tell('warn'), error: tell('error') };
  errorLog = new ErrorLog({ path, source: 'nginx', parse: (one) => parseErrorLine(one, [path]), reopen, log });
  errorLog.start();
});
afterEach(() => {
  errorLog.stop();
  vi.useRealTimers();
});

const line = (level: string, text: string) => `2026/11/22 11:23:37 [${level}] 3443#3443: ${text}\n`;
const refused = (request: number) =>
  line(
    'error',
    `*${request} connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.${request % 250}, request: "GET /${request} HTTP/1.1"`,
  );
const write = (...lines: string[]) => appendFileSync(path, lines.join(''));
const seconds = (count: number) => vi.advanceTimersByTimeAsync(count * 1_000);

it('passes on the first line of a kind, and then their number, however many there are', async () => {
  for (let second = 0; second < 70; second++) {
    write(...Array.from({ length: 500 }, (_, i) => refused(second * 500 + i)));
    await seconds(1);
  }
  expect(told.map(({ kind, count }) => [kind, count])).toEqual([
    ['warn', 500],
    ['warn', expect.any(Number)],
  ]);
  expect(told[1]?.count).toBeGreaterThan(25_000);
  expect(told[0]).toMatchObject({ source: 'nginx', proxyLevel: 'error', msg: expect.stringContaining('connect()') });
  expect(JSON.stringify(told[0])).not.toContain('"level"');
  await seconds(120);
  expect(told).toHaveLength(3);
  expect(told.reduce((sum, { count }) => sum + Number(count), 0)).toBe(35_000);
});

it('tells other kinds at once', async () => {
  write(
    refused(1),
    line('error', '*2 upstream timed out (110: Connection timed out)'),
    line('warn', 'low on something'),
  );
  await seconds(1);
  expect(told).toHaveLength(3);
});

it('tells what the operator has to know as an error, what one client did as a warning', async () => {
  write(
    line('emerg', 'bind() to 0.0.0.0:80 failed (98: Address already in use)'),
    line('alert', '*7 socket() failed (24: Too many open files) while connecting to upstream'),
    line('crit', '*8 SSL_do_handshake() failed (SSL: error:0A00006C) while SSL handshaking, client: 10.0.0.1'),
  );
  await seconds(1);
  expect(told.map(({ kind, proxyLevel }) => `${proxyLevel} ${kind}`)).toEqual([
    'emerg error',
    'alert error',
    'crit warn',
  ]);
  // Only what has no client is an answer to a configuration.
  expect(errorLog.takeRefusals()).toEqual([expect.stringMatching(/^bind/)]);
});

it('reads no more than so much at once, and says that it left some out', async () => {
  write(...Array.from({ length: 20_000 }, (_, i) => refused(i)));
  await seconds(1);
  expect(told).toContainEqual(expect.objectContaining({ msg: expect.stringContaining('some are left out') }));
  expect(told.find(({ msg }) => msg.startsWith('connect'))?.count).toBeLessThan(10_000);
});

it('goes on with a file that is too large while there is no room for a new one, and loses no line when there is', async () => {
  mkdirSync(`${path}.new`);
  while (!existsSync(`${path}.1`) && told.length < 12) {
    write(line('emerg', `refusal ${told.length}`), line('info', 'x'.repeat(1_000_000)));
    await seconds(1);
  }
  expect(existsSync(`${path}.1`)).toBe(false);
  expect(told.filter(({ msg }) => msg.startsWith('refusal')).length).toBeGreaterThan(9);
  expect(told.filter(({ msg }) => msg.includes('failed'))).toHaveLength(1);
  rmdirSync(`${path}.new`);
  await seconds(1);
  expect(reopen).toHaveBeenCalledOnce();
  expect(readFileSync(path, 'utf8')).toBe('');
  // nginx writes into the old one until it has opened the new one.
  appendFileSync(`${path}.1`, line('emerg', 'meanwhile'));
  write(line('emerg', 'afterwards'));
  await seconds(1);
  expect(told.slice(-2).map(({ msg }) => msg)).toEqual(['meanwhile', 'afterwards']);
});

it('makes a file that somebody deleted anew, for nginx would write on into it', async () => {
  write(line('emerg', 'before'));
  await seconds(1);
  rmSync(path);
  await seconds(1);
  expect(reopen).toHaveBeenCalledOnce();
  write(line('emerg', 'after'));
  expect(errorLog.takeRefusals()).toEqual(['before', 'after']);
});

it('knows kinds by what does not change from one request to the next', () => {
  const kinds = [
    'connect() failed (111: Connection refused) while connecting to upstream, client: 10.0.0.1, host: "x"',
    'connect() failed (111: Connection refused) while connecting to upstream, client: ::1, host: "y"',
    'dial tcp 127.0.0.1:9001: connect: connection refused',
    'dial tcp [fe80::1]:80: connect: connection refused',
    'open() "/a/1" failed',
    'open() "/b \\" 2" failed',
  ].map(shapeOf);
  expect(new Set(kinds).size).toBe(4);
});

it('takes for a refusal what nginx says of a configuration, not what workers say at their end', async () => {
  write(
    line('alert', 'open socket #12 left in connection 5'),
    'nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: Permission denied)\n',
    'nginx: [emerg] unknown directive "x" in /state/nginx/conf-1f0c/signalbox.conf:12\n',
    'libsomething.so.3: no version information available\n',
  );
  await seconds(1);
  expect(errorLog.takeRefusals()).toEqual(['unknown directive "x" in /state/nginx/conf-1f0c/signalbox.conf:12']);
});

it('a worker of nginx that may not open our log anew has refused no configuration; another log that it may not open is one', () => {
  const denied = (log: string) => `open() "${log}" failed (13: Permission denied)`;
  appendFileSync(path, line('emerg', denied(path)));
  expect(errorLog.takeRefusals()).toEqual([]);
  expect(told).toEqual([expect.objectContaining({ kind: 'error', msg: denied(path) })]);
  appendFileSync(path, line('emerg', denied('/var/log/other.log')));
  expect(errorLog.takeRefusals()).toEqual([denied('/var/log/other.log')]);
});
