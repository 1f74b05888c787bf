import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createNamespaces } from '../../../../src/api/namespaces/create.ts';
import { isInScope } from '../../../../src/routes/scope.ts';
import { RoutingTable } from '../../../../src/routes/table.ts';
import { loadYaml } from '../../config/load-with.ts';
import { TOKEN } from '../harness.ts';
import { hubs, THREE } from './hubs.ts';

const target = 'http://127.0.0.1:9000';

describe('a host', () => {
  it('is put before the keys of its Hub and taken away from what that is shown', async () => {
    const { hub, all } = hubs(THREE);
    const physics = hub('physics');
    for (const key of ['', '/user/Ada', '/Upper']) await physics('POST', `/api/routes${key}`, { target });
    expect(Object.keys(all())).toEqual(['/physics.example', '/physics.example/user/Ada', '/physics.example/Upper']);
    const table = (await physics('GET', '/api/routes')).json<object>();
    expect(Object.keys(table)).toEqual(['/', '/user/Ada', '/Upper']);
    expect((await physics('GET', '/api/routes/user/Ada')).json()).toMatchObject({ target });
    expect((await physics('DELETE', '/api/routes/user/Ada')).statusCode).toBe(204);
    expect(Object.keys(all())).toEqual(['/physics.example', '/physics.example/Upper']);
  });

  it('with a path keeps its Hub below that path', async () => {
    const { hub, all } = hubs(THREE);
    const biology = hub('biology');
    expect((await biology('POST', '/api/routes/bio', { target })).statusCode).toBe(201);
    expect((await biology('POST', '/api/routes/bio/user/ada', { target })).statusCode).toBe(201);
    expect(Object.keys(all())).toEqual(['/uni.example/bio', '/uni.example/bio/user/ada']);
    expect(Object.keys((await biology('GET', '/api/routes')).json())).toEqual(['/bio', '/bio/user/ada']);
    expect((await biology('POST', '/api/routes/', { target })).json()).toEqual({
      code: 'NOT_IN_NAMESPACE',
      message: 'Forbidden: "/" is not in the namespace biology',
      hint: 'It has /bio and what is below it: is /bio/ the base_url of the Hub? Nothing was changed.',
    });
  });
});

describe('a path', () => {
  it.each(['', '/biology', '/Bio', '/bio/../chem', '/bio/%2e%2e/chem'])(
    'without host-routing keeps %s out',
    async (key) => {
      const { hub, all } = hubs({ biology: 'path: /bio' }, false);
      const answer = await hub('biology')('POST', `/api/routes${key}`, { target });
      expect([answer.statusCode, answer.json().code]).toEqual([403, 'NOT_IN_NAMESPACE']);
      expect(all()).toEqual({});
    },
  );

  it.each(['/bio', '/bio/', '/bio/user/ada', '/bio%2Fuser', '/x/../bio/a'])('lets %s in', async (key) => {
    const { hub } = hubs({ biology: 'path: /bio/' }, false);
    expect((await hub('biology')('POST', `/api/routes${key}`, { target })).statusCode).toBe(201);
  });
});

describe('a domain', () => {
  it('has its host and those below, with their host in the key', async () => {
    const { hub, all } = hubs(THREE);
    const chem = hub('chem');
    await chem('POST', '/api/routes/ADA.chem.example/user/Ada', { target });
    expect(Object.keys(all())).toEqual(['/ada.chem.example/user/Ada']);
    expect(Object.keys((await chem('GET', '/api/routes')).json())).toEqual(['/ada.chem.example/user/Ada']);
    const other = await chem('POST', '/api/routes/physics.example/user/ada', { target });
    expect(other.json()).toMatchObject({
      code: 'NOT_IN_NAMESPACE',
      hint: 'It has the host chem.example and those that end with .chem.example. Nothing was changed.',
    });
  });

  it('gives its Hub, which wants the root of everything, the root of the domain', async () => {
    const { hub, all } = hubs(THREE);
    const chem = hub('chem');
    expect((await chem('POST', '/api/routes/', { target })).statusCode).toBe(201);
    expect(Object.keys(all())).toEqual(['/chem.example']);
    expect(Object.keys((await chem('GET', '/api/routes')).json())).toEqual(['/']);
    expect((await chem('POST', '/api/routes/chem.example', { target })).json()).toMatchObject({
      code: 'NOT_IN_NAMESPACE',
      hint: 'It is / here. Nothing was changed.',
    });
  });
});

const { config } = loadYaml(
  `host-routing: true\nnamespaces:\n${Object.entries(THREE)
    .map(([name, mount]) => `  ${name}: { token-file: /${name}, ${mount} }`)
    .join('\n')}`,
  { files: { '/physics': 'a', '/biology': 'b', '/chem': 'c' }, env: { SIGNALBOX_API_TOKEN: TOKEN } },
);
const views = createNamespaces(config.namespaces ?? [], config.namespaceTokens, new RoutingTable()).map(
  ({ view }) => view,
);
const segment = fc.constantFrom(
  'bio',
  'user',
  'uni.example',
  'chem.example',
  'ada.chem.example',
  'physics.example',
  'ü',
);
const key = fc.array(segment, { maxLength: 4 }).map((segments) => `/${segments.join('/')}`);

it.each(views)('the keys of $namespace lead to its part of the table and back to themselves', ({ scope, ...view }) => {
  fc.assert(
    fc.property(key, (given) => {
      try {
        const stored = view.toStored(given);
        expect(isInScope(scope, stored)).toBe(true);
        expect(view.toShown(stored)).toBe(given);
      } catch (error) {
        expect(error).toMatchObject({ code: 'NOT_IN_NAMESPACE' });
      }
      if (isInScope(scope, given)) expect(view.toStored(view.toShown(given))).toBe(given);
    }),
  );
});
