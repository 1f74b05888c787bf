import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import type { RoutingTable } from '../../../src/routes/table.ts';
import { api } from './client.ts';

const target = 'http://127.0.0.1:9000';
const keys = (table: RoutingTable) => [...table.routes()].map((route) => route.key);

describe('PUT /api/routes', () => {
  it('replaces the whole table in one change and says what it did', async () => {
    const { call, changes, table, counted } = api();
    await call('POST', '/api/routes/a', { target });
    await call('POST', '/api/routes/b', { target });
    const answer = await call('PUT', '/api/routes', { '/b/': { target: 'http://new' }, '/c': { target, user: 'c' } });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([200, 'application/json']);
    expect(answer.json()).toEqual({ generation: 3, added: 1, changed: 1, removed: 1 });
    expect(changes.submitted.at(-1)).toMatchObject({ clear: { prefix: '/' }, remove: [] });
    expect(keys(table)).toEqual(['/b', '/c']);
    expect(counted).toEqual(['post', 'post', 'put']);
  });

  it('takes what GET gives, and leaves the table as it was', async () => {
    const anyRoute = fc.record({
      key: fc.string({ unit: 'grapheme' }).map((text) => `/${text.replaceAll(/[/.\0]/g, '-')}`),
      data: fc.dictionary(
        fc.string().filter((name) => !['target', 'last_activity', '__proto__'].includes(name)),
        fc.jsonValue(),
      ),
      time: fc.integer({ min: 0, max: Date.now() - 1 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRoute), async (routes) => {
        const { call, table, app } = api();
        const set = routes.map(({ key, data, time }) => ({
          route: makeRoute(key, { ...data, target }),
          lastActivity: time,
        }));
        table.reset(1, set);
        const before = await call('GET', '/api/routes');
        expect((await call('PUT', '/api/routes', before.body)).json()).toMatchObject({
          added: 0,
          changed: 0,
          removed: 0,
        });
        expect((await call('GET', '/api/routes')).body).toBe(before.body);
        await app.close();
      }),
      { numRuns: 30 },
    );
  });

  it('keeps a last_activity, but none from the future', async () => {
    const { call, table } = api();
    const before = Date.now();
    await call('PUT', '/api/routes', {
      '/past': { target, last_activity: '2020-01-01T00:00:00.000Z' },
      '/future': { target, last_activity: '2999-01-01T00:00:00.000Z' },
      '/none': { target },
    });
    expect(table.get('/past')?.lastActivity).toBe(Date.UTC(2020));
    expect(table.get('/past')?.route.data).not.toContain('last_activity');
    for (const key of ['/future', '/none']) {
      expect(table.get(key)?.lastActivity).toBeGreaterThanOrEqual(before);
      expect(table.get(key)?.lastActivity).toBeLessThanOrEqual(Date.now());
    }
  });

  it('lists every problem of every entry, and changes nothing', async () => {
    const { call, changes } = api();
    const body = `{
      "/fine": {"target": "${target}"},
      "relative": {"target": "${target}"},
      "/a/../b": {"target": "${target}"},
      "/twice": {"target": "${target}"}, "//twice/": {"target": "${target}"},
      "/no-object": 7, "/null": null, "/array": [],
      "/no-target": {}, "/number": {"target": 7},
      "/no-url": {"target": "nonsense"}, "/ftp": {"target": "ftp://h/"}, "/no-host": {"target": "http+unix:/sock"},
      "/time": {"target": "${target}", "last_activity": "yesterday-ish"},
      "/time2": {"target": "${target}", "last_activity": 5},
      "__proto__": {"target": "${target}"}
    }`;
    const answer = await call('PUT', '/api/routes', body);
    expect(answer.statusCode).toBe(400);
    const { code, message, hint } = answer.json();
    expect(code).toBe('BAD_TABLE');
    expect(hint).toContain('Nothing was changed');
    const lines = message.split('\n');
    expect(lines[0]).toBe('14 entries can not be taken:');
    const named = lines.slice(1).map((line: string) => /^- ("[^"]*"): ./.exec(line)?.[1]);
    const bad = Object.keys(JSON.parse(body)).filter((key) => key !== '/fine' && key !== '/twice');
    expect(named).toEqual(bad.map((key) => JSON.stringify(key)));
    expect(changes.submitted).toEqual([]);
  });

  it.each([
    ['127.0.0.1:9000', 'URL: http:// in front?'],
    ['hub.example:8081/base', 'URL: http:// in front?'],
    ['[::1]:9000', 'URL: http:// in front?'],
    ['localhost', 'URL: http:// in front?'],
    ['ftp://h/', 'URL'],
    ['', 'URL'],
  ])('says what the target %j lacks', async (target, end) => {
    const { call } = api();
    const { message, hint } = (await call('PUT', '/api/routes', { '/a': { target } })).json();
    expect(message).toMatch(new RegExp(`${end.replace('?', '\\?')}$`));
    expect(hint).toBe('A target is a URL such as http://127.0.0.1:9000. Nothing was changed.');
  });

  it.each(['[]', 'null', '7', '"x"'])('answers 400 to the body %s', async (body) => {
    const { call } = api();
    const answer = await call('PUT', '/api/routes', body);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'BAD_TABLE']);
  });

  it('takes an empty table', async () => {
    const { call, table } = api();
    await call('POST', '/api/routes/a', { target });
    expect((await call('PUT', '/api/routes/', {})).json()).toMatchObject({ removed: 1 });
    expect(table.size).toBe(0);
  });

  it('takes every kind of target that a proxy serves', async () => {
    const { call, table } = api();
    const targets = [
      'http://h',
      'https://h:8443/base?x',
      'http+unix://%2Frun%2Fsock/base',
      'unix+http://%2Frun%2Fsock',
    ];
    const body = Object.fromEntries(targets.map((url, i) => [`/${i}`, { target: url }]));
    expect((await call('PUT', '/api/routes', body)).statusCode).toBe(200);
    expect([...table.routes()].map((route) => route.target)).toEqual(targets);
  });

  it('has hosts in lower case and in the data with host routing', async () => {
    const { call } = api({ hostRouting: true });
    await call('PUT', '/api/routes', { '/H.Example/x': { target, host: 'forged' } });
    expect((await call('GET', '/api/routes')).json()).toMatchObject({ '/h.example/x': { host: 'h.example' } });
  });
});

describe('PATCH /api/routes', () => {
  it('sets objects, removes nulls and leaves the rest', async () => {
    const { call, table, changes } = api();
    for (const name of ['a', 'b', 'c']) await call('POST', `/api/routes/${name}`, { target, old: true });
    const answer = await call('PATCH', '/api/routes', {
      '/a/': null,
      '/b': { target: 'http://new' },
      '/d': { target },
    });
    expect(answer.json()).toEqual({ generation: 4, added: 1, changed: 1, removed: 1 });
    expect(keys(table)).toEqual(['/b', '/c', '/d']);
    expect(table.get('/b')?.route.data).toBe('{"target":"http://new"}');
    expect(changes.submitted.at(-1)).toMatchObject({ clear: undefined, remove: ['/a'] });
  });

  it('is as strict as PUT, and a key that is set and removed is a problem', async () => {
    const { call, changes } = api();
    const answer = await call('PATCH', '/api/routes', {
      '/a': null,
      '/a/': { target },
      '/b': { target: 'x' },
      c: null,
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toMatch(/^3 entries can not be taken:\n- "\/a\/".*\n- "\/b".*\n- "c".*$/);
    expect(changes.submitted).toEqual([]);
  });
});
