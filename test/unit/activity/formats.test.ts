import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parserOf } from '../../../src/activity/formats/choose.ts';
import { type Hit, isSuccess, UNROUTED } from '../../../src/activity/hit.ts';
import { matchRoute } from '../../../src/routes/match.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import { RoutingTable } from '../../../src/routes/table.ts';

const keys = ['/user/ada', '/user/has%40x', '/user/"q\\', '/user/ø', '/host.example/user/ada'];
const set = keys.map((key) => ({ route: makeRoute(key, { target: 'http://b' }), lastActivity: 0 }));
const table = new RoutingTable(1, set);

function parse(format: string, line: string | Buffer, options = {}): Hit | undefined {
  const hit = outcome(format, line, options);
  return hit === UNROUTED ? undefined : hit;
}

function outcome(format: string, line: string | Buffer, { hostRouting = false, addedBytes = 0 } = {}) {
  const findRoute = (path: string, host?: string) => matchRoute(table, path, hostRouting ? (host ?? '') : undefined);
  const bytes = Buffer.concat([Buffer.from('xx'), Buffer.from(line), Buffer.from('\nyy')]);
  return parserOf(format, findRoute, addedBytes)(bytes, 2, bytes.length - 3);
}

const counts = (hit: Hit | undefined) => hit !== undefined && (hit.sentData || isSuccess(hit));

describe('our own format', () => {
  const own = (line: string, addedBytes = 0) => parse('signalbox', line, { addedBytes });

  test('tells all of a request', () => {
    expect(own('1763811234.567 200 0.012 5120 431 602 -OK 0.008 0.011 /user/ada')).toEqual({
      time: 1_763_811_234_567,
      key: '/user/ada',
      status: 200,
      complete: true,
      sentData: false,
      duration: 12,
      bytes: 5120,
      backendBytes: 602,
      firstByte: 8,
      answered: true,
    });
  });

  test.each([
    ['an answer', 200, '0.008 0.011', 8, true],
    ["a backend's own 503", 503, '0.008 0.011', 8, true],
    ['at once', 200, '0.000 0.000', 0, true],
    ['a websocket', 101, '0.003 3600.001', 3, true],
    ['not reachable', 503, '- 0.001', undefined, false],
    ['no such host', 503, '- ', undefined, false],
    ['a client that left', 499, '- 0.300', undefined, undefined],
    ['an upload that was broken off', 400, '- 0.300', undefined, undefined],
    ['no route', 404, ' ', undefined, undefined],
    ['no route, but an error target', 404, ' 0.031', undefined, undefined],
    ["an operator's own 503", 503, ' ', undefined, undefined],
    ['not reachable, and an error target', 503, '- 1.500 : 0.030', undefined, false],
    ['the third of three addresses', 200, '- : - : 0.003 0.002 : 1.000 : 0.009', 1_005, true],
    ['a kept connection that was closed', 200, '-, 0.003 0.001, 0.009', 4, true],
    ['no address of several', 503, '- : -, - 0.000 : 0.000, 0.000', undefined, false],
    ['one of several that answered, and then one that did not', 503, '0.002, - 0.003, 0.001', undefined, false],
  ])('tells of the backend: %s', (_, status, times, firstByte, answered) => {
    const hit = own(`1.0 ${status} 0.0 1 1 1 -OK ${times} /user/ada`);
    expect(hit).toMatchObject({ key: '/user/ada', status });
    expect(hit?.firstByte).toEqual(firstByte === undefined ? undefined : expect.closeTo(firstByte, 6));
    expect(hit?.answered).toBe(answered);
  });

  test('has lines of earlier versions, which tell nothing of the backend', () => {
    for (const flags of ['-OK', '-', 'bOK', 'b']) {
      const hit = own(`1763811234.567 200 0.012 5120 431 602 ${flags} /user/ada`);
      expect(hit).toMatchObject({ key: '/user/ada', status: 200, complete: flags.endsWith('OK'), duration: 12 });
      expect(hit).toMatchObject({ firstByte: undefined, answered: undefined, sentData: flags.startsWith('b') });
    }
  });

  test.each([
    ['200', '1.0 200 0.0 1 1 1 -OK /a', true],
    ['a download that was aborted', '1.0 200 0.0 1 1 1 - /a', false],
    ['304', '1.0 304 0.0 1 1 1 -OK /a', false],
    ['404', '1.0 404 0.0 1 1 1 -OK /a', false],
    ['500', '1.0 500 0.0 1 1 1 -OK /a', false],
    ['an upload that was refused', '1.0 413 0.0 1 1 1 bOK /a', true],
    ['an upload that was aborted', '1.0 499 0.0 1 1 1 b /a', true],
    ['a silent websocket', '1.0 101 9.0 1 400 560 -OK /a', false],
    ['a websocket whose client sent', '1.0 101 9.0 1 400 1560 - /a', true],
  ])('%s', (_, line, expected) => {
    expect(counts(own(line))).toBe(expected);
  });

  test('headers that we add ourselves are no data of a websocket', () => {
    expect(own('1.0 101 9.0 1 400 1560 -OK /a', 700)?.sentData).toBe(false);
  });

  test('reads any name back as nginx wrote it', () => {
    const parseOwn = parserOf('signalbox', () => undefined, 0);
    const allTimes = ['', '0.001 0.001 ', '-  ', '  ', '-, 0.001 : - 0.000, 0.002 : 0.003 '];
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        const key = `/${name}`;
        const escaped = JSON.stringify(key).slice(1, -1);
        const times = allTimes[name.length % allTimes.length];
        const line = Buffer.from(`1.0 200 0.0 1 1 1 -OK ${times}${escaped}`);
        expect((parseOwn(line, 0, line.length) as Hit).key).toBe(key.toWellFormed());
      }),
    );
  });

  test('takes nothing else', () => {
    for (const line of [
      '',
      'x',
      '1.0 200 0.0 1 1 1 -OK user',
      '1.0 200 0.0 1 1 -OK /a',
      '1.0.1 200 0.0 1 1 1 -OK /a',
      ' 200 0.0 1 1 1 -OK /a',
      '. 200 0.0 1 1 1 -OK /a',
      '-1 200 0.0 1 1 1 -OK /a',
      '1763811234.567 200 0.01763811300.123 200 0.012 5120 431 602 -OK /user/ada',
      '1.0 200 0.0 1 1 1 -OK 0.001 /a',
      '1.0 200 0.0 1 1 1 -OK 0.001 0.001',
      '1.0 200 0.0 1 1 1 -OK 0.001 0.001 user',
      '1.0 200 0.0 1 1 1 -OK x y /a',
      '1.0 200 0.0 1 1 1 -OK 0.001, x 0.001, 0.001 /a',
      '1.0 200 0.0 1 1 1 -OK 0.01763811300.123 200 0.012 5120 431 602 -OK 0.008 0.011 /user/ada',
      '1.0 200 0.0 1 1 1 -OK 0.012 0.01763811300.123 200 0.012 5120 431 602 -OK 0.008 0.011 /user/ada',
      '1.0 200 0.0 1 1 1 -OK -, ',
      '1.0 200 0.0 1 1 1 -OK - :',
    ]) {
      expect(own(line), line).toBeUndefined();
    }
    fc.assert(fc.property(fc.string(), (line) => void own(line)));
  });

  test('has lines of requests that were refused at once, which are of no route', () => {
    for (const flags of ['-OK', '-', 'b']) {
      for (const times of ['', '  ', '- 0.001 ']) {
        expect(outcome('signalbox', `1.0 400 0.000 150 0 0 ${flags} ${times}`)).toBe(UNROUTED);
      }
    }
  });
});

describe('a log_format of any shape', () => {
  const time = '1763811234.567';

  test.each([
    // biome-ignore-start lint/suspicious/noTemplateCurlyInString: nginx's syntax
    ['{"ts":$msec,"uri":"$request_uri","status":$status}', `{"ts":${time},"uri":"/user/ada/x","status":200}`],
    [
      '{"a":{"uri":"$request_uri","status":$status},"ts":$msec}',
      `{"a":{"uri":"/user/ada/x","status":200},"ts":${time}}`,
    ],
    ['${msec} ${status}0 $request_uri', `${time} 2000 /user/ada/x`],
    ['$msec $scheme://$host$request_uri $status', `${time} https://hub.example/user/ada/x?y=http://z/ 200`],
    ['$msec $status $remote_addr$http_x $request_uri', `${time} 200 10.0.0.1xy /user/ada/x`],
    [
      '$msec $status "$request" "$http_user_agent" $request_time $upstream_response_time',
      `${time} 200 "GET /user/ada/x HTTP/1.1" "a b" 0.1 0.0, 0.1`,
    ],
    // biome-ignore-end lint/suspicious/noTemplateCurlyInString: nginx's syntax
  ])('%s', (format, line) => {
    expect(parse(format, line)).toMatchObject({ key: '/user/ada', status: 200, time: 1_763_811_234_567 });
  });

  test.each([
    '$msec $status$body_bytes_sent $request_uri',
    '$msec$status $request_uri',
    '$msec $status $http_x$request',
  ])('is refused where nothing tells where a value ends: %s', (format) => {
    expect(() => parse(format, '')).toThrow('nothing parts $');
  });

  test("with quotes around a client's own words counts no line for the route of somebody else", () => {
    // As nginx does: ngx_http_log_escape.
    const escaped = (text: string) => text.replaceAll('\\', '\\x5C').replaceAll('"', '\\x22').replaceAll('\n', '\\x0A');
    const words = [
      '" 200 5 "-" "x',
      '[22/Nov/2026:12:23:37 +0100] "GET /user/ada/ HTTP/1.1" 200',
      ' 200 /user/ada ',
      '" "',
      '\n',
      '] "GET /user/ada/ HTTP/1.1" 200 5',
    ];
    for (const [user, referer, agent] of words.flatMap((one) => words.map((other) => [one, other, one].map(escaped)))) {
      const line = `10.0.0.1 - ${user} [22/Nov/2026:12:23:37 +0100] "GET /user/bob/ HTTP/1.1" 404 5 "${referer}" "${agent}"`;
      expect(parse('combined', line), line).toBeUndefined();
      const quoted = `"${agent}" "${user}" ${time} 404 "/user/bob/" "${referer}"`;
      expect(
        parse('"$http_user_agent" "$remote_user" $msec $status "$request_uri" "$http_referer"', quoted),
      ).toBeUndefined();
    }
  });

  test('has lines of requests to no route, and of those that were none', () => {
    const format = '$msec $status "$request"';
    for (const request of ['GET /elsewhere HTTP/1.1', '\\x16\\x03\\x01', '-', '']) {
      expect(outcome(format, `${time} 400 "${request}"`)).toBe(UNROUTED);
    }
    expect(outcome(format, 'garbage')).toBeUndefined();
  });
});

describe('combined', () => {
  const line = (request: string, status = 200) =>
    `10.0.0.1 - ada [22/Nov/2026:12:23:37 +0100] "${request}" ${status} 512 "-" "Mozilla/5.0 (X11)"`;

  test('tells time, route, status and size', () => {
    expect(parse('combined', line('GET /user/ada/lab?x=1 HTTP/1.1'))).toMatchObject({
      time: Date.parse('2026-11-22T11:23:37Z'),
      key: '/user/ada',
      status: 200,
      bytes: 512,
      duration: undefined,
    });
  });

  test.each([
    ['GET /user/ada HTTP/1.1', '/user/ada'],
    ['GET /user/has%2540x/lab HTTP/2.0', '/user/has%40x'],
    ['GET /user/%22q%5C/lab HTTP/1.1', '/user/"q\\'],
    ['GET /user/\\x22q\\x5C/lab HTTP/1.1', undefined],
    ['GET /user/%C3%B8 HTTP/1.1', '/user/ø'],
    ['GET /user/\\xC3\\xB8 HTTP/1.1', '/user/ø'],
    ['GET /user/x/../ada HTTP/1.1', '/user/ada'],
    ['GET /user/%FF HTTP/1.1', undefined],
    ['GET /nobody HTTP/1.1', undefined],
    ['\\x16\\x03\\x01', undefined],
    ['', undefined],
  ])('%s belongs to %s', (request, key) => {
    expect(parse('combined', line(request))?.key).toBe(key);
  });

  test('takes nothing else, in no time', () => {
    const started = performance.now();
    for (const text of ['', 'x', ` - ${' - ['.repeat(250_000)}`, '"'.repeat(1_000_000), ' "'.repeat(500_000)]) {
      expect(parse('combined', text)).toBeUndefined();
    }
    parse('combined', line(`GET /${'a/'.repeat(500_000)} HTTP/1.1`));
    expect(performance.now() - started).toBeLessThan(2_000);
    fc.assert(fc.property(fc.string(), (text) => void parse('combined', text)));
  });
});

describe("somebody's own log_format", () => {
  test('tells what it has', () => {
    const format =
      '$time_iso8601|$host|$request_uri|$status|$bytes_sent|$request_time|$request_completion|$content_length';
    const text = '2026-11-22T12:23:37+01:00|host.example:8000|/user/ada/x|413|99|0.250|OK|1000';
    expect(parse(format, text, { hostRouting: true })).toEqual({
      time: Date.parse('2026-11-22T11:23:37Z'),
      key: '/host.example/user/ada',
      status: 413,
      complete: true,
      sentData: true,
      duration: 250,
      bytes: 99,
      backendBytes: undefined,
    });
  });

  test.each([
    ['0.008 200', 8, true],
    ['0.008 503', 8, true],
    ['- 502', undefined, false],
    ['- 504', undefined, false],
    // It may have been refused before anybody was asked.
    ['- 503', undefined, undefined],
    ['- 499', undefined, undefined],
    ['- 404', undefined, undefined],
    [' 503', undefined, undefined],
    // How long the first took is not told.
    ['-, 0.008 200', undefined, undefined],
  ])('tells of the backend where it has $upstream_header_time: %s', (text, firstByte, answered) => {
    const [head = '', status = ''] = text.split(/ (?=\d+$)/);
    const format = '{"t":"$msec","head":"$upstream_header_time","s":"$status","u":"$uri"}';
    const hit = parse(format, `{"t":"1.5","head":"${head}","s":"${status}","u":"/user/ada"}`);
    expect(hit).toMatchObject({ key: '/user/ada', firstByte, answered });
  });

  test('tells of several addresses where it has $upstream_response_time, too', () => {
    const format = '$msec|$upstream_header_time|$upstream_response_time|$status|$uri';
    expect(parse(format, '1.5|-, 0.008|0.500, 0.009|200|/user/ada')).toMatchObject({ firstByte: 508, answered: true });
  });

  test('$uri is decoded already', () => {
    expect(parse('$msec $status $uri', '1.500 200 /user/has%40x/lab')).toMatchObject({
      key: '/user/has%40x',
      time: 1_500,
    });
  });

  test('escape=json is undone', () => {
    const format = '{"t":"$msec","s":"$status","u":"$uri"}';
    expect(parse(format, '{"t":"1.5","s":"200","u":"/user/\\"q\\\\"}')?.key).toBe('/user/"q\\');
  });

  test('must have a time, a status and a path', () => {
    expect(() => parse('$status $uri', '')).toThrow('$msec, $time_iso8601, $time_local');
    expect(() => parse('$msec $uri', '')).toThrow('$status');
    expect(() => parse('$msec $status', '')).toThrow('$request');
  });
});

describe('Traefik', () => {
  const fields = {
    StartUTC: '2026-11-22T11:23:37.250123456Z',
    time: '2026-11-22T12:23:38+01:00',
    Duration: 500_000_000,
    DownstreamStatus: 200,
    DownstreamContentSize: 42,
    RequestContentSize: 0,
    RequestPath: '/user/ada/lab?x=1',
    RequestHost: 'host.example',
  };
  const traefik = (change: object, hostRouting = false) =>
    parse('traefik', JSON.stringify({ ...fields, ...change }), { hostRouting });

  test('tells all of a request', () => {
    expect(traefik({})).toEqual({
      time: Date.parse('2026-11-22T11:23:37.750Z'),
      key: '/user/ada',
      status: 200,
      complete: true,
      sentData: false,
      duration: 500,
      bytes: 42,
      backendBytes: undefined,
    });
    expect(traefik({}, true)?.key).toBe('/host.example/user/ada');
  });

  test('tells of the backend', () => {
    expect(traefik({ OriginStatus: 200, OriginDuration: 400_000_000 })).toMatchObject({
      firstByte: 400,
      answered: true,
    });
    expect(traefik({ OriginStatus: 0, DownstreamStatus: 502 })?.answered).toBe(false);
  });

  test('a refused upload counts, a refusal does not', () => {
    expect(counts(traefik({ DownstreamStatus: 413, RequestContentSize: 9 }))).toBe(true);
    expect(counts(traefik({ DownstreamStatus: 404 }))).toBe(false);
  });

  test('does with the time of the line when the start is left out', () => {
    expect(traefik({ StartUTC: undefined })?.time).toBe(Date.parse('2026-11-22T11:23:38Z'));
  });

  test('takes nothing else', () => {
    expect(traefik({ RequestPath: 5 })).toBeUndefined();
    expect(traefik({ RequestPath: 'x' })).toBeUndefined();
    expect(traefik({ StartUTC: 'x', time: 'y' })).toBeUndefined();
    for (const text of ['', 'null', '[]', '{}', '{"a":', '5']) expect(parse('traefik', text)).toBeUndefined();
    fc.assert(fc.property(fc.json(), (text) => void parse('traefik', text)));
  });
});
