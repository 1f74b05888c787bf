import { beforeAll, describe, expect, test } from 'vitest';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { describeTraefik, type Stage, startStage } from './stage.ts';

describeTraefik('routing', () => {
  let stage: Stage;
  let backend: Backend;

  beforeAll(async () => {
    [stage, backend] = [await startStage(), await startBackend()];
  });

  function targets(keys: readonly string[]): Record<string, string> {
    return Object.fromEntries(keys.map((key, at) => [key, `${backend.url}/t${at}`]));
  }

  /** The key whose route a request takes, and what its backend sees of the path; or the status. */
  async function taken(keys: readonly string[], target: string, host = 'x.example'): Promise<string | number> {
    const answer = await stage.get(target, [['Host', host]]);
    if (answer.status !== 200) return answer.status;
    const [, at, path] = /^\/t(\d+)(.*)$/.exec(answer.json<Seen>().url) ?? [];
    return `${keys[Number(at)]} ${path}`;
  }

  describe('of odd paths, which cannot lead around a route', () => {
    const keys = ['/', '/user/ada', '/user/ada/lab', '/user/bob', '/in//ner'];
    beforeAll(() => stage.serve(targets(keys)));

    test.each([
      ['/user/ada//x', '/user/ada /user/ada//x'],
      ['/user//ada', '/ /user//ada'],
      ['/in//ner/x', '/in//ner /in//ner/x'],
      ['/in/ner/x', '/ /in/ner/x'],
      ['//user/ada', '/user/ada /user/ada'],
      ['/%2F/user/ada/x?y=//', '/user/ada /user/ada/x?y=//'],
      ['/user%2Fada%2Fx', '/user/ada /user/ada%2Fx'],
      ['/user%2fada/lab', '/user/ada/lab /user/ada/lab'],
      ['/user/%61da/x', '/user/ada /user/ada/x'],
      ['/user/bob/../ada/x', '/user/ada /user/ada/x'],
      ['/user/bob/%2e%2e/ada', '/user/ada /user/ada'],
      ['/user/bob%2F..%2Fada', '/user/bob /user/bob%2F..%2Fada'],
      ['/user/bob/..%2Fada', '/user/bob /user/bob/..%2Fada'],
      ['/user/bob/%2E%2E%2Fada', '/user/bob /user/bob/..%2Fada'],
      ['/user/bob%2Fx/../../ada', '/ /ada'],
      ['/user/bob/x/y/../../../ada', '/user/ada /user/ada'],
      ['/user/./bob/.', '/user/bob /user/bob/'],
      ['/../../user/bob', '/user/bob /user/bob'],
      ['/user/...', '/ /user/...'],
      ['/user/bob/..x/.y', '/user/bob /user/bob/..x/.y'],
      ['/user/bob/a/../b/../c', 400],
      ['/a/b/c/d/e/../../../../../user/bob', 400],
      ['/user/bob//../ada', 400],
    ])('%s: %s', async (target, expected) => {
      expect(await taken(keys, target)).toBe(expected);
    });
  });

  describe('by host', () => {
    const hosts = ['a', 'ada', 'adam', 'b-1', 'c.d', ...Array.from({ length: 60 }, (_, at) => `u${at}`)];
    const keys = ['/', ...hosts.map((name) => `/${name}.example/user/${name}`), '/hub.example', '/[::1]/x'];
    beforeAll(() => stage.serve(targets(keys), { host_routing: true }));

    test.each([
      ['ada.example', '/user/ada/x', '/ada.example/user/ada /user/ada/x'],
      ['ada.example:8000', '/user/ada', '/ada.example/user/ada /user/ada'],
      ['ADA.Example', '/user/ada', '/ada.example/user/ada /user/ada'],
      ['ada.example.', '/user/ada', '/ada.example/user/ada /user/ada'],
      ['ada.example', '/user/adam', '/ /user/adam'],
      ['adam.example', '/user/ada', '/ /user/ada'],
      ['u7.example', '/user/u7/lab', '/u7.example/user/u7 /user/u7/lab'],
      ['u77.example', '/user/u7', '/ /user/u7'],
      ['u7xexample', '/user/u7', '/ /user/u7'],
      ['hub.example', '/anything', '/hub.example /anything'],
      ['hub.example.evil', '/anything', '/ /anything'],
      ['[::1]:8000', '/x', '/[::1]/x /x'],
      ['other', '/', '/ /'],
    ])('%s%s: %s', async (host, target, expected) => {
      expect(await taken(keys, target, host)).toBe(expected);
    });
  });

  test.each([true, false])('without a root route what is for nobody is 404 (tree: %s)', async (tree) => {
    await stage.serve(targets(['/user/ada']), { tree });
    expect(await taken(['/user/ada'], '/user/adam')).toBe(404);
    expect(await taken(['/user/ada'], '/user/ada')).toBe('/user/ada /user/ada');
    await stage.serve({}, { tree });
    expect(await taken([], '/user/ada')).toBe(404);
  });

  test.each([true, false])('a rule of the operator holds for all routes (tree: %s)', async (tree) => {
    await stage.serve(targets(['/', '/user/ada']), { tree, rule: 'Host(`hub.example`)' });
    expect(await taken(['/', '/user/ada'], '/user/ada', 'hub.example')).toBe('/user/ada /user/ada');
    expect(await taken(['/', '/user/ada'], '/user/ada', 'else.example')).toBe(404);
    expect(await taken(['/', '/user/ada'], '/', 'else.example')).toBe(404);
  });

  test('a table that grows and shrinks in many places is served right', async () => {
    const names = Array.from({ length: 400 }, (_, at) => `${'abcdefghij'[at % 10]}${at % 7}${at}`);
    const keys = ['/', ...names.flatMap((name) => [`/user/${name}`, `/user/${name}/lab`])];
    await stage.serve(targets(keys));
    for (const name of names.filter((_, at) => at % 20 === 0)) {
      expect(await taken(keys, `/user/${name}/lab/x`)).toBe(`/user/${name}/lab /user/${name}/lab/x`);
      expect(await taken(keys, `/user/${name}/labx`)).toBe(`/user/${name} /user/${name}/labx`);
      expect(await taken(keys, `/user/${name}x`)).toBe(`/ /user/${name}x`);
    }
    await stage.serve(targets(['/', '/user/a00']));
    expect(await taken(['/', '/user/a00'], `/user/${names[1]}`)).toBe(`/ /user/${names[1]}`);
  });

  test('the marker and the health check are no routes', async () => {
    await stage.serve(targets(['/']));
    expect((await stage.get('/_chp_healthz')).status).toBe(200);
    expect(await taken(['/'], '/_chp_healthz/x')).toBe('/ /_chp_healthz/x');
    expect(await taken(['/'], '/.signalbox-wrong')).toBe('/ /.signalbox-wrong');
  });
});
