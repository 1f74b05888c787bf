import { expect, test } from 'vitest';
import { Probe } from '../../../src/activity/probe.ts';
import { parseSocket, type Socket } from '../../../src/activity/sockets.ts';

const NOW = 1_000_000;

function socket(change: Partial<Socket> = {}): Socket {
  return {
    local: '127.0.0.1:50000',
    peer: '127.0.0.1:9000',
    bytesSent: 600,
    lastSent: 70,
    segments: 1,
    maxSegment: 1448,
    timer: 'keepalive',
    ...change,
  };
}

/** When the backend's clients were active, by the last of several looks. */
function lookAt(looks: Partial<Socket>[], isTls = false): number | undefined {
  const probe = new Probe();
  let active: ReturnType<Probe['look']>['active'] = [];
  for (const look of looks) active = probe.look([socket(look)], NOW, () => isTls).active;
  return active[0]?.time;
}

test('a websocket of which only the head was sent is silent', () => {
  expect(lookAt([{}])).toBeUndefined();
  expect(lookAt([{}, {}])).toBeUndefined();
});

test('data on a websocket counts when it was sent', () => {
  expect(lookAt([{}, { bytesSent: 606, segments: 2 }])).toBe(NOW - 70);
  expect(lookAt([{ bytesSent: 606, segments: 2 }])).toBe(NOW - 70);
  expect(
    lookAt([
      { bytesSent: 606, segments: 2 },
      { bytesSent: 606, segments: 2 },
    ]),
  ).toBeUndefined();
});

test('a long head is no data', () => {
  expect(lookAt([{ bytesSent: 5_000, segments: 4 }])).toBeUndefined();
  expect(lookAt([{ bytesSent: 100_000, segments: 70 }])).toBe(NOW - 70);
});

test('the handshake of TLS is no data', () => {
  expect(lookAt([{ bytesSent: 1_300, segments: 3 }], true)).toBeUndefined();
  expect(lookAt([{ bytesSent: 1_400, segments: 4 }], true)).toBe(NOW - 70);
});

test('a connection that many requests share says nothing', () => {
  expect(lookAt([{ timer: 'none' }, { timer: 'none', bytesSent: 900_000, segments: 700 }])).toBeUndefined();
  expect(lookAt([{ timer: 'none' }, { timer: 'other', bytesSent: 900_000, segments: 700 }])).toBeUndefined();
});

test('an upload that is under way at each look counts', () => {
  expect(lookAt([{ timer: 'other', bytesSent: 90_000, segments: 70 }])).toBe(NOW - 70);
  expect(lookAt([{ timer: 'other' }, { timer: 'other', bytesSent: 90_000, segments: 70 }])).toBe(NOW - 70);
  expect(lookAt([{}, { timer: 'other', bytesSent: 700, segments: 2 }])).toBe(NOW - 70);
});

test('a head that is under way does not', () => {
  expect(lookAt([{ timer: 'other' }])).toBeUndefined();
});

test('another connection from the same port is a new one', () => {
  expect(lookAt([{ bytesSent: 9_000, segments: 70 }, {}])).toBeUndefined();
  expect(
    lookAt([
      { bytesSent: 9_000, segments: 70 },
      { bytesSent: 700, segments: 2 },
    ]),
  ).toBe(NOW - 70);
});

test('connections are counted', () => {
  const two = [socket(), socket({ local: '127.0.0.1:50001', timer: 'none' })];
  expect(new Probe().look(two, NOW, () => false).open.get('127.0.0.1:9000')).toBe(2);
});

test('those that carry one websocket or one body alone are counted apart; what can not be told is none of them', () => {
  const sockets = [
    socket(),
    socket({ local: '127.0.0.1:50001' }),
    socket({ local: '127.0.0.1:50002', timer: 'none' }),
    socket({ local: '127.0.0.1:50003', timer: 'other' }),
    socket({ local: '127.0.0.1:50004', peer: '127.0.0.1:9001', timer: 'none' }),
  ];
  const probe = new Probe();
  expect(Object.fromEntries(probe.look(sockets, NOW, () => false).single)).toEqual({ '127.0.0.1:9000': 2 });
  // Known from an earlier look, while data is under way.
  const busy = sockets.map((one) => ({ ...one, timer: 'other' as const }));
  expect(Object.fromEntries(probe.look(busy, NOW, () => false).single)).toEqual({ '127.0.0.1:9000': 2 });
  const mixed = new Probe(true).look(sockets, NOW, () => false).single;
  expect(Object.fromEntries(mixed)).toEqual({ '127.0.0.1:9000': 4, '127.0.0.1:9001': 1 });
});

test('of a connection that has ended the looks tell whether they saw all of it', () => {
  const probe = new Probe();
  for (const time of [NOW - 1, NOW]) probe.look([socket()], time, () => false);
  const saw = (bytes: number, began: number, ended: number) => probe.sawOf('127.0.0.1:9000', bytes, began, ended);
  expect(saw(600, NOW - 60_000, NOW + 1_000)).toBe('all');
  expect(saw(606, NOW - 60_000, NOW + 1_000)).toBe('less');
  expect(saw(606, NOW + 200, NOW + 1_000)).toBe('unknown');
  expect(saw(606, NOW - 60_000, NOW - 50_000)).toBe('unknown');
  expect(probe.sawOf('10.9.9.9:1', 606, NOW - 60_000, NOW + 1_000)).toBe('unknown');
  probe.look([], NOW + 10_000, () => false);
  expect(saw(600, NOW - 60_000, NOW + 9_000)).toBe('all');
  probe.look([], NOW + 20_000, () => false);
  expect(saw(600, NOW - 60_000, NOW + 9_000)).toBe('unknown');
});

const INFO =
  'timer:(keepalive,119min,0) ts sack cubic wscale:7,7 rto:204 rtt:0.1/0.05 mss:32768 pmtu:65535 rcvmss:536 advmss:65483 ' +
  'cwnd:10 bytes_sent:912 bytes_retrans:100 bytes_acked:813 segs_out:4 data_segs_out:3 lastsnd:1234 lastrcv:9 lastack:9';

test('lines of ss are read', () => {
  expect(parseSocket(`0      0   10.0.0.1:5000  10.0.0.2:8888 ${INFO}`, () => true)).toEqual({
    local: '10.0.0.1:5000',
    peer: '10.0.0.2:8888',
    bytesSent: 812,
    lastSent: 1_234,
    segments: 3,
    maxSegment: 32_768,
    timer: 'keepalive',
  });
});

test('addresses are as nginx has them', () => {
  const peer = (text: string) => parseSocket(`0 0 [::1]:1 ${text} ${INFO}`, () => true)?.peer;
  expect(peer('[::ffff:10.0.0.2]:80')).toBe('10.0.0.2:80');
  expect(peer('[fe80::1%eth0]:80')).toBe('[fe80::1]:80');
  expect(peer('[::1]:80')).toBe('[::1]:80');
});

test('other timers, none, other peers and other lines', () => {
  const timer = (text: string) => parseSocket(`0 0 a:1 b:2 ${text} mss:1448`, () => true)?.timer;
  expect(timer('timer:(on,200ms,0)')).toBe('other');
  expect(timer('timer:(persist,200ms,0)')).toBe('other');
  expect(timer('ts sack')).toBe('none');
  expect(parseSocket(`0 0 a:1 b:2 ${INFO}`, () => false)).toBeUndefined();
  expect(parseSocket('', () => true)).toBeUndefined();
  expect(parseSocket('Recv-Q Send-Q', () => true)).toBeUndefined();
});

test('a small body that one look took for a head is data at its end, a head that was looked at again is none', () => {
  const probe = new Probe();
  const saw = (bytes: number) => probe.sawOf('127.0.0.1:9000', bytes, NOW - 10, NOW + 10);
  probe.look([socket()], NOW, () => false);
  expect(saw(600)).toBe('once');
  probe.look([socket()], NOW, () => false);
  expect(saw(600)).toBe('all');
});
