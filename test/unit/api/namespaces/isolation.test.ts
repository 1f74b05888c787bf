import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createAuthorizer } from '../../../../src/api/auth.ts';
import { wholeView } from '../../../../src/api/namespaces/view.ts';
import { hashToken } from '../../../../src/config/token.ts';
import { SignalboxError } from '../../../../src/errors.ts';
import { AUTH } from '../harness.ts';
import { hubs, THREE, tokenOf } from './hubs.ts';

const target = 'http://127.0.0.1:9000';

describe('a token', () => {
  const shown = (authorization: string) => hubs(THREE).call('GET', '/api/routes', undefined, { authorization });

  it.each(['token wrong', 'token token-physic', 'token token-physicss', 'token', 'Basic token-physics', ''])(
    '%j is refused',
    async (authorization) => {
      const answer = await shown(authorization);
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'FORBIDDEN']);
    },
  );

  it('that is missing is refused, also where the API is on loopback', async () => {
    expect((await hubs(THREE).call('GET', '/api/routes', undefined, {})).statusCode).toBe(403);
  });

  it('of a namespace opens nothing to others, were there none for the whole table', () => {
    const view = wholeView(false);
    const namespace = { ...view, namespace: 'physics' };
    const open = { token: undefined, hostRouting: false };
    const viewOf = createAuthorizer(open, [{ token: hashToken('p'), view: namespace }]);
    expect([viewOf(undefined), viewOf('token x'), viewOf('token p')]).toEqual([undefined, undefined, namespace]);
    expect(createAuthorizer(open, [])(undefined)).toMatchObject({ namespace: undefined, mayChange: true });
  });

  it('of a namespace works as CHP and as others send it', async () => {
    expect((await shown(`token ${tokenOf('chem')}`)).statusCode).toBe(200);
    expect((await shown(`Bearer ${tokenOf('chem')}`)).statusCode).toBe(200);
  });

  it('of a namespace does not show what is about the whole', async () => {
    const { call, hub } = hubs(THREE);
    const answer = await hub('physics')('GET', '/status');
    expect([answer.statusCode, answer.json()]).toEqual([
      403,
      {
        code: 'NOT_IN_NAMESPACE',
        message: 'Forbidden: this is about the whole of Signalbox',
        hint: 'The token of the namespace physics is for its routes; take the one that Signalbox was started with.',
      },
    ]);
    expect((await call('GET', '/status')).statusCode).toBe(200);
  });

  it('for the whole table has all of it, as ever', async () => {
    const { call: whole, hub: hubOf, all } = hubs(THREE);
    for (const name of ['physics', 'chem']) await hubOf(name)('POST', '/api/routes/', { target });
    expect(Object.keys((await whole('GET', '/api/routes')).json())).toEqual(['/physics.example', '/chem.example']);
    await whole('PUT', '/api/routes', { '/': { target } });
    expect(Object.keys(all())).toEqual(['/']);
  });
});

describe('the routes of another namespace', () => {
  async function scene() {
    const made = hubs(THREE);
    await made.call('POST', '/api/routes/', { target });
    await made.hub('chem')('POST', '/api/routes/ada.chem.example/user/ada', { target });
    await made.hub('biology')('POST', '/api/routes/bio/user/bob', { target });
    return made;
  }

  it('stay when a Hub replaces its table', async () => {
    const { hub, all } = await scene();
    await hub('physics')('POST', '/api/routes/old', { target });
    const answer = await hub('physics')('PUT', '/api/routes', { '/': { target }, '/new': { target } });
    expect(answer.json()).toMatchObject({ added: 2, changed: 0, removed: 1 });
    expect(Object.keys(all()).sort()).toEqual([
      '/',
      '/ada.chem.example/user/ada',
      '/physics.example',
      '/physics.example/new',
      '/uni.example/bio/user/bob',
    ]);
  });

  it('can be neither seen, set nor removed, and nothing tells whether they are there', async () => {
    const { hub, all } = await scene();
    const before = all();
    const chem = hub('chem');
    for (const key of ['/uni.example/bio/user/bob', '/uni.example/bio/user/nobody']) {
      for (const [method, body] of [['GET'], ['POST', { target }], ['DELETE']] as const) {
        const answer = await chem(method, `/api/routes${key}`, body);
        expect([answer.statusCode, answer.json()]).toEqual([
          403,
          expect.objectContaining({
            code: 'NOT_IN_NAMESPACE',
            message: `Forbidden: ${JSON.stringify(key)} is not in the namespace chem`,
          }),
        ]);
      }
      for (const method of ['PUT', 'PATCH'] as const) {
        const answer = await chem(method, '/api/routes', { '/chem.example/x': { target }, [key]: { target } });
        expect([answer.statusCode, answer.json().code]).toEqual([403, 'NOT_IN_NAMESPACE']);
      }
      expect((await chem('PATCH', '/api/routes', { [key]: null })).statusCode).toBe(403);
    }
    expect(Object.keys((await chem('GET', '/api/routes?stats=1')).json())).toEqual(['/ada.chem.example/user/ada']);
    expect(Object.keys((await chem('GET', '/api/routes?inactiveSince=2999-01-01')).json())).toEqual([
      '/ada.chem.example/user/ada',
    ]);
    expect(all()).toEqual(before);
  });

  it('are not in the reason why a change is not served', async () => {
    const { hub, changes, call } = await scene();
    changes.failure = new SignalboxError('NOT_SERVED', 'stored, but not served within 10 s: /uni.example/bio/secret', {
      hint: 'see /uni.example',
    });
    const answer = await hub('physics')('POST', '/api/routes/x', { target });
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('uni.example');
    expect((await call('POST', '/api/routes/x', { target })).body).toContain('/uni.example/bio/secret');
  });

  it('are not in the reason why Signalbox is not ready, but for who has the token for the whole table', async () => {
    const { state, call } = await scene();
    state.notReady = 'the proxy refuses /uni.example/bio/secret';
    for (const headers of [{}, { authorization: `token ${tokenOf('physics')}` }]) {
      const answer = await call('GET', '/readyz', undefined, headers);
      expect([answer.statusCode, answer.json().reason]).toEqual([
        503,
        'ask with the token that Signalbox was started with',
      ]);
    }
    expect((await call('GET', '/readyz', undefined, AUTH)).json().reason).toContain('/uni.example/bio/secret');
  });
});

it('the log says of whom a request came', async () => {
  const { call, hub, logged } = hubs(THREE);
  await hub('physics')('POST', '/api/routes/user/ada', { target });
  await call('POST', '/api/routes/physics.example/user/ada', { target });
  const seen = logged.map((line) => JSON.parse(line)).map(({ path, namespace }) => [path, namespace]);
  expect(seen).toEqual([
    ['/api/routes/user/ada', 'physics'],
    ['/api/routes/physics.example/user/ada', undefined],
  ]);
});

it('a refused route is named as its Hub knows it', async () => {
  const { hub, changes } = hubs(THREE);
  changes.failure = new SignalboxError('BAD_ROUTESPEC', '"/physics.example/user/a\\"b": no such key, "http://x"');
  const answer = await hub('physics')('POST', '/api/routes/x', { target });
  expect(answer.json().message).toBe('"/user/a\\"b": no such key, "http://x"');
});

it('a missing route is named as its Hub knows it', async () => {
  const { hub } = hubs(THREE);
  for (const method of ['GET', 'DELETE'] as const) {
    expect((await hub('physics')(method, '/api/routes/user/ada')).json()).toMatchObject({
      code: 'NOT_FOUND',
      message: 'Not Found: there is no route "/user/ada"',
    });
  }
});

it('whatever one namespace does, no other sees anything of it', async () => {
  const names = Object.keys(THREE);
  const segment = fc.constantFrom('bio', 'a', 'uni.example', 'chem.example', 'x.chem.example', 'physics.example');
  const key = fc.array(segment, { maxLength: 3 }).map((segments) => `/${segments.join('/')}`);
  const keys = fc.uniqueArray(key, { maxLength: 4 });
  const routes = (some: readonly string[], value: unknown) => Object.fromEntries(some.map((one) => [one, value]));
  const request = fc.oneof(
    key.map((one) => ['POST', `/api/routes${one}`, { target }] as const),
    key.map((one) => ['DELETE', `/api/routes${one}`] as const),
    keys.map((some) => ['PUT', '/api/routes', routes(some, { target: 'http://127.0.0.1:9001' })] as const),
    keys.map((some) => ['PATCH', '/api/routes', routes(some, { target })] as const),
    keys.map((some) => ['PATCH', '/api/routes', routes(some, null)] as const),
  );
  await fc.assert(
    fc.asyncProperty(
      keys,
      fc.array(fc.tuple(fc.constantFrom(...names), request), { maxLength: 12 }),
      async (atFirst, requests) => {
        const { app, call, hub } = hubs(THREE);
        await call('PUT', '/api/routes', routes(atFirst, { target }));
        const see = async (name: string) => (await hub(name)('GET', '/api/routes')).body.replaceAll(/"last_[^}]*/g, '');
        const seen = new Map(await Promise.all(names.map(async (name) => [name, await see(name)] as const)));
        for (const [name, [method, url, body]] of requests) {
          await hub(name)(method, url, body);
          for (const other of names) {
            if (other !== name) expect(await see(other)).toBe(seen.get(other));
            else seen.set(other, await see(other));
          }
        }
        await app.close();
      },
    ),
    { numRuns: 40 },
  );
});
