import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parserOf } from '../../src/activity/formats/choose.ts';
import { LogFile } from '../../src/activity/log-file.ts';
import { Tracker } from '../../src/activity/tracker.ts';
import { matchRoute } from '../../src/routes/match.ts';
import { makeRoute } from '../../src/routes/route.ts';
import { RoutingTable } from '../../src/routes/table.ts';
import { openSqlite } from '../../src/store/sqlite.ts';
import { adding } from '../support/adding.ts';

/*
 * How fast are access logs read? Ours all in (read, parsed, counted, times stored in SQLite), next to JSON.parse alone of the
 * same lines as JSON and to `wc -l`, in one run. CPU time of this process, so that others on the machine matter less; wc's is
 * what the clock says. Lines are made a million at a time, so that the disk holds no more than that.
 *
 *     node test/bench/log-reading.ts [--lines 10000000] [--routes 10000]
 */
const { values } = parseArgs({
  options: { lines: { type: 'string', default: '10000000' }, routes: { type: 'string', default: '10000' } },
});
const LINES = Number(values.lines);
const ROUTES = Number(values.routes);
const ROUND = 1_000_000;

const folder = mkdtempSync(join(tmpdir(), 'signalbox-bench-'));
const files = {
  own: join(folder, 'access.log'),
  combined: join(folder, 'combined.log'),
  json: join(folder, 'json.log'),
};
type Kind = keyof typeof files;

const table = new RoutingTable();
const keys = Array.from({ length: ROUTES }, (_, index) => `/user/name-${index}`);
const set = keys.map((key) => ({
  route: makeRoute(key, { target: `http://127.0.0.1:9${key.length}` }),
  lastActivity: 1,
}));
const batch = adding(1, ...set);
table.apply(batch);

const quiet = { info: () => undefined, warn: console.warn, error: console.error };
const store = await openSqlite({ dir: folder, log: quiet });
await store.write(batch);

const seconds: Record<string, number> = {};
let mostMemory = 0;
for (let from = 0; from < LINES; from += ROUND) {
  const count = Math.min(ROUND, LINES - from);
  generate(from, count);
  await measure('ours, all in', () => readOurs('own', 'signalbox', count));
  await measure('combined, all in', () => readOurs('combined', 'combined', count));
  await measure('JSON.parse alone', () => parseJson(count));
  await measure('wc -l', () => execFileSync('wc', ['-l', files.own]));
}
await store.close();
rmSync(folder, { recursive: true });

const rate = (name: string) => LINES / (seconds[name] as number);
const ours = rate('ours, all in');
for (const name of Object.keys(seconds)) {
  const row = [`${Math.round(rate(name)).toLocaleString('en')} lines/s`, `${(1e6 / rate(name)).toFixed(2)} µs/line`];
  console.log(
    `${name.padEnd(18)}${row[0]?.padStart(22)}${row[1]?.padStart(16)}   ours is ${(ours / rate(name)).toFixed(2)}×`,
  );
}
console.log(
  `20,000 requests/s take ${((20_000 / ours) * 100).toFixed(1)} % of a core; memory at most ${Math.round(mostMemory / 1e6)} MB`,
);

async function measure(name: string, body: () => unknown): Promise<void> {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await body();
  const { user, system } = process.cpuUsage(cpu);
  const took = name === 'wc -l' ? performance.now() - start : (user + system) / 1000;
  seconds[name] = (seconds[name] ?? 0) + took / 1000;
  mostMemory = Math.max(mostMemory, process.memoryUsage.rss());
}

async function readOurs(kind: Kind, format: string, count: number): Promise<void> {
  const parse = parserOf(format, (path) => matchRoute(table, path, undefined), 0);
  const tracker = new Tracker({
    table,
    store,
    storeIntervalMs: 5_000,
    cursors: store.cursors,
    logs: [{ path: files[kind], parse }],
    backends: () => new Map(),
    probeIntervalMs: 3_600_000,
    sockets: async () => [],
    log: quiet,
  });
  await tracker.start();
  await tracker.read();
  const { lines, unreadable } = tracker.status();
  await tracker.stop();
  if (lines !== count || unreadable > 0)
    throw new Error(`${kind}: read ${lines} of ${count} lines, ${unreadable} unreadable`);
}

function parseJson(count: number): void {
  const file = LogFile.open(files.json) as LogFile;
  const buffer = Buffer.allocUnsafe(256 * 1024);
  let lines = 0;
  const onLine = (bytes: Buffer, from: number, to: number) => {
    const line = JSON.parse(bytes.toString('utf8', from, to)) as { route: string };
    if (line.route.length > 0) lines++;
  };
  while (file.read(buffer, onLine, () => undefined));
  file.close();
  if (lines !== count) throw new Error(`JSON: read ${lines} of ${count} lines`);
}

/** As a busy Hub makes them: mostly small answers, all routes used. */
function generate(from: number, count: number): void {
  const start = Date.now() - 3_600_000 + from;
  const out = (Object.keys(files) as Kind[]).map((kind) => ({ kind, fd: openSync(files[kind], 'w'), text: '' }));
  for (let index = from; index < from + count; index++) {
    const route = keys[(index * 7919) % ROUTES] as string;
    const time = start + (index - from) / 1000;
    const status = index % 10 === 0 ? 304 : 200;
    const took = ((index * 31) % 997) / 1000;
    const [sent, got] = [300 + (index % 5000), 400 + (index % 300)];
    const msec = (time / 1000).toFixed(3);
    for (const one of out) {
      if (one.kind === 'own')
        one.text += `${msec} ${status} ${took.toFixed(3)} ${sent} ${got} ${got + 150} -OK ${took.toFixed(3)} ${took.toFixed(3)} ${route}\n`;
      else if (one.kind === 'json') {
        one.text += `{"time":${msec},"status":${status},"seconds":${took.toFixed(3)},"sent":${sent},"got":${got},"backend":${got + 150},"body":"-","completion":"OK","head":${took.toFixed(3)},"answer":${took.toFixed(3)},"route":"${route}"}\n`;
      } else {
        one.text += `127.0.0.1 - - [22/Nov/2026:11:23:37 +0000] "GET ${route}/api/contents?${index} HTTP/1.1" ${status} ${sent} "-" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36"\n`;
      }
      if (one.text.length > 1 << 20) flush(one);
    }
  }
  for (const one of out) {
    flush(one);
    closeSync(one.fd);
  }
}

function flush(one: { fd: number; text: string }): void {
  writeSync(one.fd, one.text);
  one.text = '';
}
