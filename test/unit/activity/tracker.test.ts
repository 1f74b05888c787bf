import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { signalboxFormat } from '../../../src/activity/formats/signalbox.ts';
import type { Socket } from '../../../src/activity/sockets.ts';
import { Tracker, type TrackerOptions } from '../../../src/activity/tracker.ts';
import { SignalboxError } from '../../../src/errors.ts';
import type { Backend } from '../../../src/proxies/driver.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';
import type { Cursors, Disk } from '../../../src/store/store.ts';
import { adding } from '../../support/adding.ts';
import { createMemoryCursors, createMemoryDisk } from '../../support/memory-disk.ts';
import { makeTempDir } from '../../support/tmp.ts';

const START = 1_000_000_000;

let path: string;
let now: number;
let sockets: Partial<Socket>[];
let ss: 'there' | 'missing';
let disk: Disk;
let cursors: Cursors;
let table: RoutingTable;
let backends: Map<string, Backend>;
let warnings: string[];
const trackers: Tracker[] = [];

beforeEach(async () => {
  path = join(makeTempDir(), 'access.log');
  now = START;
  sockets = [];
  ss = 'there';
  warnings = [];
  disk = createMemoryDisk();
  cursors = createMemoryCursors();
  table = new RoutingTable();
  backends = new Map();
  await add('/user/ada', '127.0.0.1:9001');
  await add('/user/bob', '127.0.0.1:9002');
});

afterEach(async () => {
  for (const tracker of trackers.splice(0)) await tracker.stop();
});

async function add(key: string, address: string): Promise<void> {
  const entry = { route: makeRoute(key, { target: `http://${address}` }), lastActivity: START - 1_000 };
  const batch = adding(table.generation + 1, entry);
  await disk.write(batch);
  table.apply(structuredClone(batch));
  backends.set(address, { keys: [...(backends.get(address)?.keys ?? []), key], tls: false });
}

async function start(options: Partial<TrackerOptions> = {}): Promise<Tracker> {
  const tracker = new Tracker({
    table,
    store: disk,
    storeIntervalMs: 3_600_000,
    cursors,
    logs: [{ path, parse: signalboxFormat() }],
    backends: () => backends,
    probeIntervalMs: 3_600_000,
    log: { info: () => undefined, warn: (fields, message) => warnings.push(`${JSON.stringify(fields)} ${message}`) },
    now: () => now,
    sockets: async (isWanted) => {
      if (ss === 'missing') throw new Error('no ss');
      const base = { local: 'me:1', bytesSent: 500, lastSent: 0, segments: 1, maxSegment: 1_448, timer: 'keepalive' };
      return sockets.map((one) => ({ ...base, ...one }) as Socket).filter(({ peer }) => isWanted(peer));
    },
    ...options,
  });
  trackers.push(tracker);
  await tracker.start();
  await tracker.look();
  return tracker;
}

interface Line {
  status?: number;
  seconds?: number;
  body?: boolean;
  complete?: boolean;
  backend?: number;
}

function line(
  key: string,
  time: number,
  { status = 200, seconds = 0.01, body, complete = true, backend = 600 }: Line = {},
) {
  const flags = `${body ? 'b' : '-'}${complete ? 'OK' : ''}`;
  appendFileSync(path, `${(time / 1_000).toFixed(3)} ${status} ${seconds} 100 400 ${backend} ${flags} ${key}\n`);
}

const shown = (key: string) => (table.get(key)?.lastActivity ?? Number.NaN) - START;

async function stored(key: string): Promise<number> {
  const { entries } = await disk.load();
  return (entries.find(({ route }) => route.key === key)?.lastActivity ?? Number.NaN) - START;
}

describe('lines', () => {
  test('move the time of their route alone, and are stored with how far was read', async () => {
    const tracker = await start();
    now = START + 5_000;
    line('/user/ada', START + 4_000);
    await tracker.read();
    expect(shown('/user/ada')).toBe(4_000);
    expect(shown('/user/bob')).toBe(-1_000);
    await tracker.store();
    expect(await stored('/user/ada')).toBe(4_000);
    expect((await cursors.read()).get(path)?.offset).toBeGreaterThan(0);
  });

  test('never move a time back, nor into the future', async () => {
    const tracker = await start();
    now = START + 5_000;
    line('/user/ada', START + 4_000);
    line('/user/ada', START + 3_000);
    line('/user/bob', START + 9_000);
    await tracker.read();
    expect(shown('/user/ada')).toBe(4_000);
    expect(shown('/user/bob')).toBe(5_000);
  });

  test('of routes that are not there, and garbage, are no harm', async () => {
    const tracker = await start();
    line('/user/nobody', START);
    appendFileSync(path, 'garbage\n\0\0\n');
    // A request that was refused before a route was looked for.
    appendFileSync(path, '1763811234.567 400 0.000 150 0 0 - \n'.repeat(300));
    await tracker.read();
    expect(tracker.status()).toEqual({ lines: 2, unreadable: 1, backlogBytes: 0, blind: null });
  });

  test('are neither read twice nor missed by a daemon that was killed', async () => {
    const first = await start();
    line('/user/ada', START - 500);
    await first.read();
    await first.store();
    line('/user/bob', START - 400);
    await first.read();
    // Killed here: nothing more of it is stored. The table comes from the store.
    table = new RoutingTable(1, (await disk.load()).entries);
    expect(shown('/user/bob')).toBe(-1_000);
    now = START + 60_000;
    line('/user/ada', START + 50_000);
    const second = await start();
    await second.read();
    expect(second.status().lines).toBe(2);
    expect([shown('/user/ada'), shown('/user/bob')]).toEqual([50_000, -400]);
    // What ended before this daemon began isn't among its statistics.
    expect([second.stats.of('/user/ada').requests, second.stats.of('/user/bob').requests]).toEqual([0, 0]);
  });

  test('come from several logs', async () => {
    const other = `${path}-other`;
    writeFileSync(other, `${START / 1_000} 200 0.1 1 1 1 -OK /user/bob\n`);
    const parse = signalboxFormat();
    const tracker = await start({
      logs: [
        { path, parse },
        { path: other, parse },
      ],
    });
    line('/user/ada', START);
    await tracker.read();
    expect([shown('/user/ada'), shown('/user/bob')]).toEqual([0, 0]);
  });

  test('of one log are read while another cannot be, which is said once', async () => {
    const parse = signalboxFormat();
    const tracker = await start({
      logs: [
        { path: makeTempDir(), parse },
        { path, parse },
      ],
    });
    line('/user/ada', START);
    await tracker.read();
    await tracker.read();
    expect(shown('/user/ada')).toBe(0);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain('is not a file');
  });

  test('of another format are told of, once', async () => {
    const tracker = await start();
    appendFileSync(path, '10.0.0.1 - - garbage\n'.repeat(300));
    await tracker.read();
    expect(warnings).toEqual([expect.stringContaining('--activity-format')]);
  });

  test('in millions leave the API its turn', async () => {
    const many = `${START / 1_000} 200 0.1 1 1 1 -OK /user/ada\n`.repeat(500_000);
    writeFileSync(path, many);
    const tracker = await start();
    let longest = 0;
    let last = performance.now();
    let reading = true;
    const watch = async () => {
      while (reading) {
        await new Promise((resolve) => setImmediate(resolve));
        longest = Math.max(longest, performance.now() - last);
        last = performance.now();
      }
    };
    const watching = watch();
    await tracker.read();
    reading = false;
    await watching;
    expect(tracker.status().lines).toBe(500_000);
    // Some 5 ms where nothing else runs.
    expect(longest).toBeLessThan(200);
  });

  test('that are left at the end are read by the next daemon: a stop takes no longer', async () => {
    writeFileSync(path, `${START / 1_000} 200 0.1 1 1 1 -OK /user/ada\n`.repeat(3_000_000));
    const first = await start();
    const started = performance.now();
    await first.stop();
    expect(performance.now() - started).toBeLessThan(1_500);
    const second = await start();
    await second.read();
    expect(first.status().lines + second.status().lines).toBe(3_000_000);
  });
});

test('times that lie in the future, for the clock was set back, become now, in the store too', async () => {
  const tracker = await start();
  now = Date.now() + 3_600_000;
  line('/user/ada', now);
  await tracker.read();
  await tracker.store();
  now = Date.now();
  tracker.settleTimes();
  await tracker.store();
  expect(shown('/user/ada') + START).toBe(now);
  expect((await stored('/user/ada')) + START).toBe(now);
});

describe('a full disk', () => {
  test('keeps the times in memory, says so once, and stores them when there is room', async () => {
    const full = { touch: () => Promise.reject(new SignalboxError('STORE_FULL', 'no room')) };
    let current: Pick<Disk, 'touch'> = full;
    const tracker = await start({ store: { touch: (...given) => current.touch(...given) } });
    line('/user/ada', START);
    await tracker.read();
    await tracker.store();
    await tracker.store();
    expect(shown('/user/ada')).toBe(0);
    expect(await stored('/user/ada')).toBe(-1_000);
    expect(warnings).toEqual([expect.stringContaining('no room')]);
    current = disk;
    await tracker.store();
    expect(await stored('/user/ada')).toBe(0);
  });
});

describe('open connections', () => {
  test('count for their route when the client sends', async () => {
    sockets = [{ peer: '127.0.0.1:9001' }, { peer: '127.0.0.1:9002', local: 'me:2' }, { peer: '10.9.9.9:1' }];
    const tracker = await start();
    now = START + 10_000;
    sockets[0] = { ...sockets[0], bytesSent: 506, lastSent: 200 };
    await tracker.look();
    expect([shown('/user/ada'), shown('/user/bob')]).toEqual([9_800, -1_000]);
    expect(tracker.stats.of('/user/ada').openConnections).toBe(1);
  });

  test('to all addresses of a backend are counted together', async () => {
    backends.set('[::1]:9001', { keys: ['/user/ada'], tls: false });
    sockets = [
      { peer: '127.0.0.1:9001' },
      { peer: '[::1]:9001', local: 'me:2' },
      { peer: '[::1]:9001', local: 'me:3' },
    ];
    const tracker = await start();
    await tracker.look();
    expect(tracker.stats.of('/user/ada').openConnections).toBe(3);
  });

  test('to a backend of several routes count for all of them: whose they are is not known', async () => {
    await add('/services/x', '127.0.0.1:9001');
    sockets = [{ peer: '127.0.0.1:9001' }];
    const tracker = await start();
    now = START + 10_000;
    sockets = [{ peer: '127.0.0.1:9001', bytesSent: 600 }];
    await tracker.look();
    expect([shown('/user/ada'), shown('/services/x')]).toEqual([10_000, 10_000]);

    now = START + 20_000;
    line('/services/x', START + 15_000, { status: 404 });
    await tracker.read();
    sockets = [{ peer: '127.0.0.1:9001', bytesSent: 700 }];
    await tracker.look();
    expect([shown('/user/ada'), shown('/services/x')]).toEqual([20_000, 20_000]);
  });

  test('that can not be told from shared ones count where no line of the log explains them', async () => {
    sockets = [{ peer: '127.0.0.1:9001', bytesSent: 500 }];
    const tracker = await start({ mixed: true });
    now = START + 10_000;
    line('/user/ada', now - 100, { status: 404 });
    sockets = [{ peer: '127.0.0.1:9001', bytesSent: 900, segments: 2, lastSent: 110 }];
    await tracker.look();
    expect(shown('/user/ada')).toBe(-1_000);

    now = START + 20_000;
    sockets = [{ peer: '127.0.0.1:9001', bytesSent: 906, segments: 3, lastSent: 50 }];
    await tracker.look();
    expect(shown('/user/ada')).toBe(19_950);
  });

  test('that can not be told from shared ones count amid requests, too, when data was sent at another moment', async () => {
    sockets = [
      { peer: '127.0.0.1:9001', bytesSent: 500 },
      { peer: '127.0.0.1:9001', local: 'me:2' },
    ];
    const tracker = await start({ mixed: true });
    now = START + 10_000;
    line('/user/ada', now - 100, { status: 404 });
    // A long answer, and a websocket that ended: what was sent in their course is not theirs.
    line('/user/ada', now - 50, { status: 302, seconds: 9 });
    line('/user/ada', now - 50, { status: 101, seconds: 9 });
    sockets = [
      { peer: '127.0.0.1:9001', bytesSent: 900, segments: 2, lastSent: 110 },
      { peer: '127.0.0.1:9001', local: 'me:2', bytesSent: 506, segments: 2, lastSent: 2_000 },
    ];
    await tracker.look();
    expect(shown('/user/ada')).toBe(8_000);
  });

  test('of a websocket or an upload alone are told of by route, and all together', async () => {
    await add('/services/x', '127.0.0.1:9001');
    await add('/socket', '127.0.0.1:9003');
    const route = makeRoute('/on/socket', { target: 'http+unix://%2Frun%2Fapp.sock' });
    table.apply(adding(table.generation + 1, { route, lastActivity: START }));
    sockets = [
      { peer: '127.0.0.1:9001' },
      { peer: '127.0.0.1:9001', local: 'me:2' },
      { peer: '127.0.0.1:9001', local: 'me:3', timer: 'none' },
      { peer: '127.0.0.1:9003', timer: 'none' },
    ];
    let looks = 0;
    const tracker = await start({ onLook: () => looks++ });
    expect(looks).toBeGreaterThan(0);
    // The two of one backend can't be told apart.
    const open = { '/user/ada': 2, '/services/x': 2 };
    expect(Object.fromEntries(tracker.openRoutes() ?? [])).toEqual(open);
    expect(tracker.openTotal()).toBe(2);
    const keys = [...table.keys()];
    expect(Object.fromEntries(keys.map((key) => [key, tracker.open(key)]))).toEqual({
      ...{ ...open, '/user/bob': 0, '/socket': 0 },
      // Sockets of that kind have no counters.
      '/on/socket': null,
    });
    expect(tracker.stats.of('/user/ada').openConnections).toBe(3);

    sockets = [];
    const before = looks;
    await tracker.look();
    expect(looks).toBe(before + 1);
    expect([tracker.open('/user/ada'), tracker.openTotal(), tracker.openRoutes()?.size]).toEqual([0, 0, 0]);
  });

  test('are all told of where nothing tells which is which', async () => {
    sockets = [{ peer: '127.0.0.1:9001', timer: 'none' }];
    const tracker = await start({ mixed: true });
    expect([tracker.open('/user/ada'), tracker.openTotal()]).toEqual([1, 1]);
  });

  test('are unknown, never none, before the first look, when they cannot be seen, and no longer when they can', async () => {
    sockets = [{ peer: '127.0.0.1:9001' }];
    let looks = 0;
    const tracker = new Tracker({
      ...{ table, store: disk, storeIntervalMs: 3_600_000, cursors, logs: [], backends: () => backends },
      ...{ probeIntervalMs: 3_600_000, log: { info: () => undefined, warn: () => undefined } },
      onLook: () => looks++,
      sockets: async () => {
        if (ss === 'missing') throw new Error('no ss');
        return sockets.map((one) => ({ local: 'me:1', timer: 'keepalive', maxSegment: 1, ...one }) as Socket);
      },
    });
    const open = () => [
      tracker.open('/user/ada'),
      tracker.open('/user/bob'),
      tracker.openTotal(),
      tracker.openRoutes(),
    ];
    expect(open()).toEqual([null, null, null, null]);
    await tracker.look();
    expect(open()).toEqual([1, 0, 1, new Map([['/user/ada', 1]])]);
    ss = 'missing';
    await tracker.look();
    expect(open()).toEqual([null, null, null, null]);
    ss = 'there';
    await tracker.look();
    expect(tracker.open('/user/ada')).toBe(1);
    expect(looks).toBe(3);
  });

  test('that cannot be seen are one warning, and told', async () => {
    ss = 'missing';
    const tracker = await start();
    await tracker.look();
    expect(tracker.status().blind).toBe('no ss');
    expect(warnings).toEqual([expect.stringContaining('install iproute2')]);
    ss = 'there';
    await tracker.look();
    expect(tracker.status().blind).toBeNull();
  });
});

describe('the cause of a last activity', () => {
  test('is an answer that counts, and no other', async () => {
    const tracker = await start();
    now = START + 9_000;
    line('/user/ada', START + 1_000);
    line('/user/bob', START + 1_000, { status: 404 });
    line('/user/bob', START + 2_000, { complete: false });
    await tracker.read();
    expect(tracker.causes.of('/user/ada')).toEqual({
      cause: 'request',
      lastRequest: START + 1_000,
      lastData: null,
    });
    expect(tracker.causes.of('/user/bob')).toEqual({ cause: 'added', lastRequest: null, lastData: null });
  });

  test('is data that a look has seen, on each route of the backend', async () => {
    await add('/services/x', '127.0.0.1:9001');
    sockets = [{ peer: '127.0.0.1:9001' }];
    const tracker = await start();
    now = START + 10_000;
    line('/user/ada', START + 2_000);
    await tracker.read();
    sockets = [{ peer: '127.0.0.1:9001', bytesSent: 600, lastSent: 500 }];
    await tracker.look();
    const data = { cause: 'data', lastData: START + 9_500 };
    expect(tracker.causes.of('/user/ada')).toEqual({ ...data, lastRequest: START + 2_000 });
    expect(tracker.causes.of('/services/x')).toEqual({ ...data, lastRequest: null });
  });

  test('is data at the end of an upload that was refused, and the answer of one that was not', async () => {
    const tracker = await start();
    now = START + 9_000;
    line('/user/ada', START + 1_000, { status: 413, body: true });
    line('/user/bob', START + 1_000, { body: true });
    await tracker.read();
    expect(tracker.causes.of('/user/ada')).toEqual({ cause: 'data', lastRequest: null, lastData: START + 1_000 });
    expect(tracker.causes.of('/user/bob')).toEqual({ cause: 'request', lastRequest: START + 1_000, lastData: null });
  });

  test('stays when the clock was set back, and nothing of it lies in the future', async () => {
    const tracker = await start();
    now = START + 9_000;
    line('/user/ada', START + 8_000);
    await tracker.read();
    now = START + 1_000;
    tracker.settleTimes();
    expect(shown('/user/ada')).toBe(1_000);
    expect(tracker.causes.of('/user/ada')).toEqual({ cause: 'request', lastRequest: START + 1_000, lastData: null });
  });
});

describe('the line of a websocket', () => {
  async function timeAfter(last: Partial<Socket>, ended: Line): Promise<number> {
    sockets = [{ peer: '127.0.0.1:9001', ...last }];
    const tracker = await start();
    sockets = [];
    now = START + 3_600_000;
    await tracker.look();
    line('/user/ada', now, { status: 101, seconds: 3_600, ...ended });
    await tracker.read();
    return shown('/user/ada');
  }

  test('counts what was sent after the last look', async () => {
    expect(await timeAfter({ bytesSent: 5_000, lastSent: 900, segments: 1 }, { backend: 5_006 })).toBe(3_600_000);
  });

  test('does not count again what a look has seen', async () => {
    expect(await timeAfter({ bytesSent: 5_000, lastSent: 900, segments: 9 }, { backend: 5_000 })).toBe(-900);
  });

  test('does not count when there was nothing but the head', async () => {
    expect(await timeAfter({ bytesSent: 600 }, { backend: 600 })).toBe(-1_000);
  });

  test('counts all where connections cannot be seen', async () => {
    ss = 'missing';
    expect(await timeAfter({}, { backend: 5_000 })).toBe(3_600_000);
  });
});

test('an upload that is refused counts at its end, unless a look has seen all of it', async () => {
  sockets = [{ peer: '127.0.0.1:9001', bytesSent: 90_000, lastSent: 400 }];
  const tracker = await start();
  now = START + 100_000;
  line('/user/ada', now, { status: 413, seconds: 100, body: true, backend: 90_000 });
  line('/user/bob', now, { status: 413, seconds: 100, body: true, backend: 90_000 });
  await tracker.read();
  expect([shown('/user/ada'), shown('/user/bob')]).toEqual([-400, 100_000]);
});
