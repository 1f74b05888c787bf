import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, startBackend } from '../support/backend.ts';
import { BIN } from '../support/bin.ts';
import { releaseAll } from '../support/cleanup.ts';
import { type TestNamespaces, withToken, writeNamespaces } from '../support/namespaces.ts';
import { runProcess } from '../support/process.ts';
import { describeEachProxyOnce } from '../support/proxies.ts';
import { type Signalbox, startSignalbox } from '../support/signalbox.ts';

describeEachProxyOnce('namespaces', (proxy) => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await startBackend();
  });
  afterAll(releaseAll);

  const to = (name: string) => ({ target: `${backend.url}/${name}`, jupyterhub: true });

  describe('by host', () => {
    let box: Signalbox;
    let spaces: TestNamespaces;
    beforeAll(async () => {
      spaces = writeNamespaces({
        physics: 'host: physics.test, max-routes: 6',
        biology: 'host: uni.test, path: /bio',
        chem: 'domain: chem.test',
      });
      box = await startSignalbox({ proxy, args: ['--host-routing', ...spaces.flags] });
    });
    const hub = (name: string) => withToken(box, spaces.tokenOf(name));

    /** The last segment of the target of the route that a request takes, or the status. */
    async function taken(host: string, path: string): Promise<string | number> {
      const answer = await box.get(path, [['Host', host]]);
      return answer.status === 200 ? (answer.json<{ url: string }>().url.split('/')[1] ?? '') : answer.status;
    }

    test('each Hub puts a route where it believes it is, and the users of each get their own', async () => {
      for (const name of ['physics', 'chem']) {
        expect((await hub(name)('POST', '/api/routes/', to(`${name}-hub`))).status).toBe(201);
      }
      expect((await hub('physics')('POST', '/api/routes/user/ada', to('physics-ada'))).status).toBe(201);
      expect((await hub('biology')('POST', '/api/routes/bio', to('biology-hub'))).status).toBe(201);
      expect((await hub('biology')('POST', '/api/routes/bio/user/ada', to('biology-ada'))).status).toBe(201);
      expect((await hub('chem')('POST', '/api/routes/ada.chem.test/user/ada', to('chem-ada'))).status).toBe(201);

      expect(await taken('physics.test', '/hub/home')).toBe('physics-hub');
      expect(await taken('PHYSICS.test:8000', '/user/ada/lab')).toBe('physics-ada');
      expect(await taken('uni.test', '/bio/hub/home')).toBe('biology-hub');
      expect(await taken('uni.test', '/bio/user/ada/lab')).toBe('biology-ada');
      expect(await taken('chem.test', '/hub/home')).toBe('chem-hub');
      expect(await taken('ada.chem.test', '/user/ada/lab')).toBe('chem-ada');
      expect(await taken('uni.test', '/user/ada')).toBe(404);
      expect(await taken('other.test', '/hub/home')).toBe(404);
    });

    test('each sees its own routes by its own keys, the token for the whole table all of them', async () => {
      const keys = async (name: string) => Object.keys((await hub(name)('GET', '/api/routes')).json<object>()).sort();
      expect(await keys('physics')).toEqual(['/', '/user/ada']);
      expect(await keys('biology')).toEqual(['/bio', '/bio/user/ada']);
      expect(await keys('chem')).toEqual(['/', '/ada.chem.test/user/ada']);
      expect(Object.keys((await box.api('GET', '/api/routes')).json<object>()).sort()).toEqual([
        '/ada.chem.test/user/ada',
        '/chem.test',
        '/physics.test',
        '/physics.test/user/ada',
        '/uni.test/bio',
        '/uni.test/bio/user/ada',
      ]);
    });

    test('while one replaces its table again and again, users of another are served', async () => {
      let done = false;
      const others = (async () => {
        const seen = new Set<string | number>();
        while (!done) seen.add(await taken('uni.test', '/bio/user/ada/lab'));
        return [...seen];
      })();
      for (let round = 0; round < 5; round++) {
        const table = { '/': to(`physics-hub-${round}`), '/user/ada': to('physics-ada') };
        expect((await hub('physics')('PUT', '/api/routes', table)).status).toBe(200);
        expect(await taken('physics.test', '/hub/home')).toBe(`physics-hub-${round}`);
      }
      done = true;
      expect(await others).toEqual(['biology-ada']);
    });

    test('a quota holds, however many routes come at once, and is no error that a Hub tries again', async () => {
      const keys = Array.from({ length: 12 }, (_, i) => `/user/u${i}`);
      const answers = await Promise.all(keys.map((key) => hub('physics')('POST', `/api/routes${key}`, to('new'))));
      const refused = answers.filter(({ status }) => status !== 201);
      expect(new Set(refused.map((one) => `${one.status} ${one.json<{ code: string }>().code}`))).toEqual(
        new Set(['403 OVER_QUOTA']),
      );
      expect(refused).toHaveLength(8);
      const table = (await hub('physics')('GET', '/api/routes')).json<object>();
      expect(Object.keys(table)).toHaveLength(6);
    });

    test('signalbox status shows them; signalbox routes works with the token of one', async () => {
      const env = { SIGNALBOX_API_URL: box.apiUrl, SIGNALBOX_API_TOKEN: box.token };
      const run = (...args: string[]) => runProcess(process.execPath, [BIN, ...args], { env });
      const { output } = await run('status');
      expect(output).toMatch(/^namespaces +physics, 6 of 6 routes\n +biology, 2 routes\n +chem, 2 routes$/m);

      const biology = ['--token-file', spaces.tokenFileOf('biology')];
      expect((await run('routes', 'list', ...biology)).output).toMatch(/^\/bio\/user\/ada /m);
      const outside = await run('routes', 'add', '/chem', backend.url, ...biology);
      expect([outside.code, outside.output]).toEqual([4, expect.stringContaining('is not in the namespace biology')]);
      const whole = await run('status', ...biology);
      expect([whole.code, whole.output]).toEqual([4, expect.stringContaining('about the whole of Signalbox')]);
    });

    test('after a restart each has what it had, and its quota counts it', async () => {
      await box.stop();
      await box.restart();
      expect((await hub('physics')('POST', '/api/routes/one/more', to('new'))).status).toBe(403);
      expect((await hub('physics')('DELETE', '/api/routes/user/ada')).status).toBe(204);
      expect((await hub('physics')('POST', '/api/routes/one/more', to('new'))).status).toBe(201);
      expect(await taken('physics.test', '/one/more')).toBe('new');
      expect(await taken('ada.chem.test', '/user/ada/lab')).toBe('chem-ada');
    });

    test('no token is in the log', () => {
      expect(box.logs()).not.toContain('the-token-of');
    });
  });

  describe('by path', () => {
    test('each Hub has its own, beside the routes of the token for the whole table', async () => {
      const spaces = writeNamespaces({ biology: 'path: /bio', chem: 'path: /chem/lab' });
      const box = await startSignalbox({ proxy, args: spaces.flags });
      const biology = withToken(box, spaces.tokenOf('biology'));
      const chem = withToken(box, spaces.tokenOf('chem'));
      const taken = async (path: string) => (await box.get(path)).json<{ url: string }>().url.split('/')[1];

      await box.add('/', `${backend.url}/portal`);
      expect((await biology('POST', '/api/routes/bio', to('biology-hub'))).status).toBe(201);
      expect((await chem('PUT', '/api/routes', { '/chem/lab': to('chem-hub') })).status).toBe(200);
      expect((await chem('POST', '/api/routes/bio/user/ada', to('chem'))).status).toBe(403);
      expect((await biology('DELETE', '/api/routes/chem/lab')).status).toBe(403);
      expect((await biology('POST', '/api/routes/', to('biology-hub'))).status).toBe(403);
      expect(await taken('/bio/hub/home')).toBe('biology-hub');
      expect(await taken('/chem/lab/hub')).toBe('chem-hub');
      expect(await taken('/chem')).toBe('portal');
      expect(await taken('/biology')).toBe('portal');

      expect((await biology('PUT', '/api/routes', {})).json()).toMatchObject({ removed: 1 });
      expect(await taken('/bio/hub/home')).toBe('portal');
      expect(await taken('/chem/lab/hub')).toBe('chem-hub');
    });
  });
});
