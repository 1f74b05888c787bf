/**
 * What one request costs a worker of nginx, with 1,000 routes to 100 backends, all pinned: in a location of its own, which is the
 * least there can be; looked up in rows; looked up in links. And what answers that are read into large buffers cost. The same load
 * for each, in turn; only the ratios of one run mean anything.
 *
 *     node test/bench/request-cost.ts [--rounds 5]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LiveTable } from '../../src/proxies/nginx/live-table.ts';
import { Marks } from '../../src/proxies/nginx/marks.ts';
import { offlineRendering, offlineShape } from '../../src/proxies/nginx/offline-rendering.ts';
import { nginxPaths } from '../../src/proxies/nginx/settings.ts';
import { releaseAll } from '../support/cleanup.ts';
import { anyNginx, missingNginx, type TestNginx, testNginxes } from '../support/nginx.ts';
import { freePort, isPortFree } from '../support/ports.ts';
import { startProcess } from '../support/process.ts';
import { descendants } from '../support/process-tree.ts';
import { makeTempDir } from '../support/tmp.ts';
import { until } from '../support/wait.ts';
import { load } from '../unit/config/load-with.ts';
import { startStaticBackend } from './load/backend.ts';
import { findWrk } from './load/find-wrk.ts';
import { runLoad } from './load/wrk.ts';
import { leaveContendersCore, onContendersCore } from './machine/cores.ts';
import { busyPaths, pathOf } from './measures/users.ts';
import { quantile } from './report/quantile.ts';

const ROUTES = 1_000;
const BACKENDS = 100;

interface Variant {
  readonly name: string;
  /** Changes the configuration. */
  readonly change?: (text: string) => string;
  /** May rows be used? */
  readonly rows: boolean;
}

const VARIANTS: readonly Variant[] = [
  { name: 'a location of its own', rows: false, change: fixedLocation },
  { name: 'rows', rows: true },
  { name: 'links', rows: false },
  {
    name: 'rows, buffers of 24k',
    rows: true,
    change: (text) => text.replaceAll(/proxy_buffer_size \w+;/g, 'proxy_buffer_size 24k;'),
  },
  {
    name: 'rows, buffers of 80k',
    rows: true,
    change: (text) => text.replaceAll(/proxy_buffer_size \w+;/g, 'proxy_buffer_size 80k;'),
  },
];

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '5' } } });
try {
  if (!anyNginx) throw new Error(`no nginx (${missingNginx}): run npm test once, it gets one`);
  leaveContendersCore();
  const wrk = await findWrk();
  const backend = await startStaticBackend(anyNginx.path);
  const hosts = Array.from({ length: BACKENDS }, (_, n) => new URL(backend.targetOf(n + 1)).host);
  for (const nginx of testNginxes) {
    const found = new Map<string, number[]>(VARIANTS.map(({ name }) => [name, []]));
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const variant of round % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
        found
          .get(variant.name)
          ?.push(
            await measure(nginx, variant, hosts, async (url, seconds) => runLoad(wrk, url, busyPaths(ROUTES), seconds)),
          );
      }
    }
    const medians = [...found].map(([name, times]) => [name, quantile(times, 0.5)] as const);
    const [, least = Number.NaN] = medians[0] ?? [];
    console.log(`nginx ${nginx.version}, CPU of a worker a request:`);
    for (const [name, time] of medians)
      console.log(`  ${name.padEnd(24)} ${time.toFixed(1).padStart(6)} µs  ${(time / least).toFixed(2)}×`);
  }
} finally {
  await releaseAll();
}

/** µs of CPU a request. */
async function measure(
  nginx: TestNginx,
  { change = (text) => text, rows }: Variant,
  hosts: readonly string[],
  ask: (url: string, seconds: number) => Promise<{ requests: number }>,
): Promise<number> {
  const stateDir = makeTempDir('signalbox-bench-');
  const port = await freePort();
  const argv = [
    '--nginx',
    nginx.path,
    '--state-dir',
    stateDir,
    '--public',
    `127.0.0.1:${port}`,
    '--worker-processes',
    '1',
    '--insecure',
    ...(process.getuid?.() === 0 ? ['--nginx-user', 'root'] : []),
  ];
  const { config } = load({ env: { SIGNALBOX_API_TOKEN: 'a-token' }, argv });
  const table = new Map(Array.from({ length: ROUTES }, (_, n) => [pathOf(n), `http/${hosts[n % hosts.length]}`]));
  const { rendering, paths } = await offlineRendering(config);
  const shape = await offlineShape(config, table);
  const { digest, files } = rendering.configOf(shape, [...new Set(table.values())].sort());
  for (const folder of ['control', 'tmp', 'run']) mkdirSync(join(paths.dir, folder), { recursive: true });
  const live = new LiveTable(nginxPaths(stateDir).runDir);
  await live.open();
  await live.change(table, [], 1);
  if (rows) new Marks(paths.runDir).begin(digest, 2);
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(paths.dir, name), name === 'signalbox.conf' ? change(text) : text);
  const [command, ...args] = onContendersCore(nginx.path, [
    '-p',
    paths.dir,
    '-c',
    join(paths.dir, 'nginx.conf'),
    '-e',
    'stderr',
  ]);
  const child = startProcess(command, args);
  await until(async () => child.exit() !== undefined || !(await isPortFree(port)), { what: 'nginx to listen' });
  if (child.exit()) throw new Error(`nginx ended: ${child.output()}`);
  const { pid } = await until(() => descendants(child.pid)[0], { what: 'a worker' });
  await ask(`http://127.0.0.1:${port}`, 1);
  const before = cpuMicroseconds(pid);
  const { requests } = await ask(`http://127.0.0.1:${port}`, 2);
  const cpu = cpuMicroseconds(pid) - before;
  await child.stop();
  return cpu / requests;
}

/** sched-stats.rst: the first field is the time on a CPU, ns. */
function cpuMicroseconds(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1_000;
}

/** The same headers and log line, and one upstream, with nothing looked up. */
function fixedLocation(text: string): string {
  const [upstream] = /^upstream (\S+) \{/m.exec(text)?.slice(1) ?? [];
  const [log] = /^ {2}access_log .*;$/m.exec(text) ?? [];
  const [listen] = /^ {2}listen 127.*;$/m.exec(text) ?? [];
  const upstreams = text.match(/^upstream \S+ \{[^}]*\}/gm)?.slice(0, 1) ?? [];
  return `
log_format signalbox '$msec $status $request_time $bytes_sent $request_length $upstream_bytes_sent';
${upstreams.join('\n')}
server {
${listen}
${log?.replace(/ if=\S+;/, ';')}
  keepalive_requests 100000;
  location / {
    proxy_http_version 1.1;
    proxy_buffering off;
    proxy_buffer_size 24k;
    proxy_buffers 8 16k;
    proxy_busy_buffers_size 80k;
    proxy_set_header Host $http_host;
    proxy_set_header Connection "";
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Port $server_port;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_pass http://${upstream};
  }
}
`;
}
