import { describe, expect, it, vi } from 'vitest';
import { SignalboxError } from '../../../src/errors.ts';
import { makeRoute } from '../../../src/routes/route.ts';
import { adding } from '../../support/adding.ts';
import { api } from './client.ts';
import { AUTH } from './harness.ts';

const target = 'http://127.0.0.1:9000';

describe('POST /api/routes/ROUTESPEC', () => {
  it('answers 201, empty, without a type, only once the change is served', async () => {
    const { call, changes, table } = api();
    let serve = () => {};
    changes.gate = new Promise((resolve) => {
      serve = resolve;
    });
    let answered = false;
    const pending = call('POST', '/api/routes/user/alice', { target }).then((answer) => {
      answered = true;
      return answer;
    });
    await vi.waitFor(() => expect(changes.submitted).toHaveLength(1));
    expect(answered).toBe(false);
    serve();
    const answer = await pending;
    expect([answer.statusCode, answer.body, answer.headers['content-type']]).toEqual([201, '', undefined]);
    expect(table.get('/user/alice')?.route.target).toBe(target);
  });

  it('keeps what else is in the object, except last_activity, and replaces the whole entry', async () => {
    const { call } = api();
    await call('POST', '/api/routes/a', { target, user: 'ü', last_activity: '1999-01-01T00:00:00Z', n: { x: [1] } });
    const first = (await call('GET', '/api/routes/a')).json();
    expect(first).toMatchObject({ target, user: 'ü', n: { x: [1] } });
    expect(Date.parse(first.last_activity)).toBeGreaterThan(Date.now() - 10_000);
    await call('POST', '/api/routes/a', { target: 'x' });
    expect(Object.keys((await call('GET', '/api/routes/a')).json())).toEqual(['target', 'last_activity']);
  });

  it.each(['/api/routes', '/api/routes/', '/api/routes?x', '/api/routes//'])('%s is the root', async (url) => {
    const { call, table } = api();
    expect((await call('POST', url, { target })).statusCode).toBe(201);
    expect([...table.routes()].map((route) => route.key)).toEqual(['/']);
  });

  it('takes names that mean something to JavaScript', async () => {
    const { call, table } = api();
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty', 'toString']) {
      await call('POST', `/api/routes/${name}`, `{"target":"${target}","__proto__":{"x":1}}`);
      expect(table.get(`/${name}`)?.route.data).toContain('"__proto__":{"x":1}');
    }
    const table1 = (await call('GET', '/api/routes')).body;
    expect(table1).toContain('"/__proto__":{"target"');
  });

  it('puts the host into the data with host routing', async () => {
    const { call } = api({ hostRouting: true });
    await call('POST', '/api/routes/Hub.Example/user/A', { target, host: 'forged' });
    await call('POST', '/api/routes/', { target });
    expect((await call('GET', '/api/routes')).json()).toMatchObject({
      '/hub.example/user/A': { target, host: 'hub.example' },
      '/': expect.not.objectContaining({ host: expect.anything() }),
    });
  });

  it.each([
    ['{', 'BAD_JSON', 'Body not valid JSON: SyntaxError: '],
    ['', 'BAD_JSON', 'Body not valid JSON: SyntaxError: '],
    ['{}', 'BAD_TARGET', "Must specify 'target' as string"],
    ['{"target":7}', 'BAD_TARGET', "Must specify 'target' as string"],
    ['null', 'BAD_TARGET', "Must specify 'target' as string"],
    ['[]', 'BAD_TARGET', "Must specify 'target' as string"],
    ['"target"', 'BAD_TARGET', "Must specify 'target' as string"],
    [`{"target":"x","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}}`, 'BAD_JSON', 'Body not valid JSON: '],
  ])('answers 400 to the body %.20s', async (body, code, message) => {
    const { call, changes } = api();
    const answer = await call('POST', '/api/routes/a', body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ code, message: expect.stringMatching(`^${message}`) });
    expect(changes.submitted).toEqual([]);
  });

  it.each(['/api/routes/%zz', '/api/routes/a%2F..%2Fb', '/api/routes/%00'])('answers 400 to %s', async (url) => {
    const { call } = api();
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const answer = await call(method, url, method === 'POST' ? { target } : undefined);
      expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_ROUTESPEC']);
    }
  });

  it.each([
    ['NOT_SERVED', 503],
    ['STORE_FULL', 507],
    ['STORE_FAILED', 503],
    ['SHUTTING_DOWN', 503],
    ['BAD_ROUTESPEC', 400],
  ] as const)('passes on %s with status %d', async (code, status) => {
    const { call, changes, counted } = api();
    changes.failure = new SignalboxError(code, 'because', { hint: 'do this' });
    const answer = await call('POST', '/api/routes/a', { target });
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ message: 'because', code, hint: 'do this' });
    expect(counted).toEqual(code === 'NOT_SERVED' ? ['post'] : []);
  });

  it('shows nothing of an unexpected error, and logs it', async () => {
    const { call, changes, logged } = api();
    changes.failure = new Error('s3cret detail');
    const answer = await call('POST', '/api/routes/a', { target });
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'INTERNAL']);
    expect(answer.body).not.toContain('s3cret');
    expect(logged.join('')).toContain('s3cret detail');
  });
});

describe('DELETE /api/routes/ROUTESPEC', () => {
  it('answers 204, empty, then 404', async () => {
    const { call, table } = api();
    await call('POST', '/api/routes/a/b', { target });
    const answer = await call('DELETE', '/api/routes/a%2Fb/', '{ a body is ignored');
    expect([answer.statusCode, answer.body]).toEqual([204, '']);
    expect(table.size).toBe(0);
    expect((await call('DELETE', '/api/routes/a/b')).json()).toMatchObject({ code: 'NOT_FOUND' });
  });

  it('is handed in even for a route that is not in the table: the proxy may still serve it', async () => {
    const { call, changes } = api();
    changes.failure = new SignalboxError('NOT_SERVED', 'not yet');
    expect((await call('DELETE', '/api/routes/a')).statusCode).toBe(503);
  });

  it.each(['/api/routes', '/api/routes/'])('%s removes the root', async (url) => {
    const { call, table } = api();
    await call('POST', '/api/routes/', { target });
    expect((await call('DELETE', url)).statusCode).toBe(204);
    expect(table.size).toBe(0);
  });
});

describe('GET /api/routes', () => {
  async function withTimes() {
    const made = api();
    for (const [key, time] of [
      ['/old', 1_000],
      ['/new', 2_000],
    ] as const) {
      const entry = { route: makeRoute(key, { target }), lastActivity: time };
      made.table.apply(adding(1, entry));
    }
    const keys = async (query: string) => Object.keys((await made.call('GET', `/api/routes${query}`)).json());
    return { ...made, keys };
  }

  it('is a JSON object from key to data, with or without a slash at the end', async () => {
    const { call } = await withTimes();
    for (const url of ['/api/routes', '/api/routes/', 'http://any.host/api/routes']) {
      const answer = await call('GET', url);
      expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json']);
      expect(answer.json()).toEqual({
        '/old': { target, last_activity: '1970-01-01T00:00:01.000Z' },
        '/new': { target, last_activity: '1970-01-01T00:00:02.000Z' },
      });
    }
  });

  it('gives only what was used strictly before inactiveSince', async () => {
    const { keys } = await withTimes();
    expect(await keys('?inactiveSince=1970-01-01T00:00:02.000Z')).toEqual(['/old']);
    expect(await keys('?inactiveSince=1970-01-01T00:00:01.000Z')).toEqual([]);
    expect(await keys('?inactive_since=1970-01-01T00:00:02.001Z')).toEqual(['/old', '/new']);
    expect(await keys('/?inactiveSince=Thu,%2001%20Jan%201970%2000:00:02%20GMT')).toEqual(['/old']);
    expect(await keys('?inactiveSince=')).toEqual(['/old', '/new']);
    expect(await keys('?inactiveSince=&inactive_since=1970-01-01T00:00:02Z')).toEqual(['/old']);
  });

  it('answers 400 to what is no date, except on one route, which ignores it', async () => {
    const { call } = await withTimes();
    const answer = await call('GET', '/api/routes?inactiveSince=endoftheuniverse');
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      code: 'BAD_DATE',
      message: "Invalid datestamp 'endoftheuniverse' must be ISO8601.",
    });
    expect((await call('GET', '/api/routes/old?inactiveSince=endoftheuniverse')).statusCode).toBe(200);
  });

  // How fast is for the benchmark to say; what took the square of the time would not end within this test's.
  it('gives 100,000 routes', async () => {
    const { table, call } = api();
    const set = Array.from({ length: 100_000 }, (_, i) => ({
      route: makeRoute(`/user/${i}`, { target, user: `u${i}` }),
      lastActivity: i,
    }));
    table.reset(1, set);
    const answer = await call('GET', '/api/routes');
    expect(Object.keys(answer.json())).toHaveLength(100_000);
  }, 20_000);
});

describe('paths and methods', () => {
  it.each([
    '/',
    '/api',
    '/api/',
    '/api/routesx',
    '/api/Routes',
    '/nowhere',
    '//evil/api/routes',
    '/api/routes/../x',
    '*',
  ])('answers 404 to %s, whatever the token and the method', async (url) => {
    const { call } = api();
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const answer = await call(method, url, method === 'POST' ? '{' : undefined, {});
      expect(answer.statusCode).toBe(404);
      expect(answer.json()).toMatchObject({ code: 'NOT_FOUND', message: 'Not Found' });
    }
  });

  it.each([
    ['PUT', '/api/routes/a'],
    ['PATCH', '/api/routes/a'],
    ['HEAD', '/api/routes/a'],
    ['HEAD', '/api/routes'],
    ['OPTIONS', '/api/routes'],
    ['TRACE', '/api/routes'],
    ['PROPFIND', '/api/routes/a'],
    ['POST', '/healthz'],
    ['DELETE', '/metrics'],
    ['HEAD', '/healthz'],
  ])('answers 405 to %s %s before it looks at the token or the body', async (method, url) => {
    const { app } = api();
    const answer = await app.inject({
      method: method as 'PUT',
      url,
      payload: '{',
      headers: { 'content-type': 'a;;b/' },
    });
    expect(answer.statusCode).toBe(405);
    expect(answer.headers.allow).toContain('GET');
    if (method !== 'HEAD') {
      expect(answer.json()).toMatchObject({ code: 'METHOD_NOT_SUPPORTED', message: 'Method not supported' });
    }
  });

  it.each([
    ['/api/routes/user%2Falice', '/user/alice'],
    ['/api/routes/user/a%2540', '/user/a%40'],
    ['/api/routes//user//alice//', '/user//alice'],
    ['/api/routes/x/../user/./alice?y', '/user/alice'],
    ['/api/x/../routes/user', '/user'],
    ['/api/routes/:routespec', '/:routespec'],
    ['/api/routes/*', '/*'],
    [`/api/routes/${'long'.repeat(2_000)}`, `/${'long'.repeat(2_000)}`],
    ['/api/routes/%F0%9F%98%80/$p~c|a!%20ch@rs', '/\u{1f600}/$p~c|a! ch@rs'],
  ])('%.60s is the key %.60s', async (url, key) => {
    const { call, table } = api();
    expect((await call('POST', url, { target })).statusCode).toBe(201);
    expect([...table.routes()].map((route) => route.key)).toEqual([key]);
    expect((await call('GET', url)).json().target).toBe(target);
    expect((await call('DELETE', url)).statusCode).toBe(204);
  });
});

describe('the token', () => {
  it.each([
    ['token s3cret', true],
    ['token    s3cret', true],
    ['token\ts3cret', true],
    ['Bearer s3cret', true],
    ['bearer s3cret', true],
    ['token s3cret2', false],
    ['token s3cre', false],
    ['token', false],
    ['token ', false],
    ['s3cret', false],
    ['Basic s3cret', false],
    ['', false],
  ])('%j: %s', async (authorization, passes) => {
    const { call } = api();
    expect((await call('GET', '/api/routes', undefined, { authorization })).statusCode).toBe(passes ? 200 : 403);
  });

  it('is needed for all of the table and the status, and for nothing else', async () => {
    const { call } = api();
    for (const [method, url] of [
      ['GET', '/api/routes'],
      ['GET', '/api/routes/a'],
      ['POST', '/api/routes/a'],
      ['DELETE', '/api/routes/a'],
      ['PUT', '/api/routes'],
      ['PATCH', '/api/routes'],
      ['GET', '/status'],
    ] as const) {
      const answer = await call(method, url, method === 'GET' ? undefined : '{}', {});
      expect([url, answer.statusCode, answer.json().code]).toEqual([url, 403, 'FORBIDDEN']);
    }
    for (const url of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
      expect([url, (await call('GET', url, undefined, {})).statusCode]).toEqual([url, 200]);
    }
  });

  it('comes after the JSON and before the target', async () => {
    const { call } = api();
    expect((await call('POST', '/api/routes/a', '{', {})).statusCode).toBe(400);
    expect((await call('POST', '/api/routes/a', '{}', {})).statusCode).toBe(403);
  });

  it('is not needed when none is set', async () => {
    for (const token of [undefined, '']) {
      const { call } = api({ token });
      expect((await call('POST', '/api/routes/a', { target }, {})).statusCode).toBe(201);
    }
  });

  it('may have characters beyond ASCII', async () => {
    const { call } = api({ token: 'schlüssel' });
    const authorization = `token ${Buffer.from('schlüssel').toString('latin1')}`;
    expect((await call('GET', '/api/routes', undefined, { authorization })).statusCode).toBe(200);
  });

  it('never reaches the log', async () => {
    const { call, logged } = api();
    await call('POST', '/api/routes/a?token=s3cret', { target });
    await call('GET', '/api/routes');
    expect(logged).not.toEqual([]);
    expect(logged.join('')).not.toContain('s3cret');
  });
});

describe('the body', () => {
  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'a;;b/', ''])(
    'may have the content type %j',
    async (type) => {
      const { app } = api();
      const answer = await app.inject({
        method: 'POST',
        url: '/api/routes/a',
        headers: { ...AUTH, 'content-type': type },
        payload: JSON.stringify({ target, name: 'ü' }),
      });
      expect(answer.statusCode).toBe(201);
    },
  );

  it('may be of many megabytes with the token, and of one without', async () => {
    const { call } = api();
    const body = JSON.stringify({ target, filler: 'ü'.repeat(3_000_000) });
    expect((await call('POST', '/api/routes/a', body)).statusCode).toBe(201);
    expect((await call('POST', '/api/routes/a', `{${body}`, {})).statusCode).toBe(403);
  });
});
