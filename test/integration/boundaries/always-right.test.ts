import { readdirSync } from 'node:fs';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchRoute } from '../../../src/routes/match.ts';
import { type Backend, type Seen, startBackend } from '../../support/backend.ts';
import { runs } from '../../support/chance.ts';
import type { Signalbox } from '../../support/signalbox.ts';
import { until } from '../../support/wait.ts';
import { describeEachScene, inParallel } from '../scene.ts';

/*
 * nginx finds a route in rows of its configuration, unless it has changed since, which marks tell it (marks.ts). Whatever changes in
 * whatever order, and while rows are being renewed: after each 201 or 204 all that could be asked for goes where it has to.
 */

const LONG = 'l'.repeat(260);
const PLAIN = [
  ...[
    '/',
    '/user',
    '/user/ada',
    '/user/Ada',
    '/user/ADA',
    '/user/ada/lab',
    '/user/ada/Lab',
    '/user/bob',
    '/user/bob/a/b',
  ],
  ...['/services/x', '/a', '/a/b/c', '/user/a b', '/user/x$y', '/user/"q";{}', '/user/ü', '/user/~^u'],
  // No paths: these stand in the configuration.
  ...['/in//ner', '/user//ada', `/user/${LONG}`, `/user/${LONG}/x`],
];
const HOSTS = ['hub.test', 'ada.hub.test', 'other.test'];
const BY_HOST = [
  ...['/', '/hub.test', '/hub.test/user/ada', '/hub.test/user/Ada', '/ada.hub.test', '/ada.hub.test/user/ada'],
  ...['/ada.hub.test/user/ada/lab', '/hub.test/user/bob', '/hub.test/user//ada', `/hub.test/user/${LONG}`],
];

type Action =
  | { readonly kind: 'set' | 'patch' | 'put'; readonly keys: readonly string[] }
  | { readonly kind: 'remove'; readonly keys: readonly string[] }
  | { readonly kind: 'rest' };

function actionsOn(keys: readonly string[]): fc.Arbitrary<Action[]> {
  const some = (most: number) => fc.uniqueArray(fc.constantFrom(...keys), { minLength: 1, maxLength: most });
  const action: fc.Arbitrary<Action> = fc.oneof(
    { weight: 4, arbitrary: some(2).map((of) => ({ kind: 'set' as const, keys: of })) },
    { weight: 3, arbitrary: some(2).map((of) => ({ kind: 'remove' as const, keys: of })) },
    { weight: 1, arbitrary: some(8).map((of) => ({ kind: 'patch' as const, keys: of })) },
    { weight: 1, arbitrary: some(keys.length).map((of) => ({ kind: 'put' as const, keys: of })) },
    { weight: 3, arbitrary: fc.constant({ kind: 'rest' as const }) },
  );
  return fc.array(action, { minLength: 4, maxLength: 14 });
}

/** Kept connections may belong to workers of earlier rows. One that nginx closes this very moment is no answer. */
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

async function ask(port: number, path: string, host: string, again = true): Promise<{ status: number; text: string }> {
  try {
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ port, path, agent, headers: { Host: host } }, resolve)
        .on('error', reject)
        .end();
    });
    return { status: answer.statusCode ?? 0, text: (await answer.setEncoding('utf8').toArray()).join('') };
  } catch (error) {
    if (!again || (error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
    return await ask(port, path, host, false);
  }
}

const encoded = (key: string) => key.split('/').map(encodeURIComponent).join('/');

/** A key, what is below it, and what is above. */
function pathsAround(key: string): string[] {
  const path = encoded(key);
  const above = path.slice(0, path.lastIndexOf('/'));
  return [
    path,
    `${path}/x`,
    `${path}/Lab/y.txt`,
    `${above}/`,
    `${path}-`,
    path.toUpperCase().replaceAll('%C3%BC', '%c3%bc'),
  ];
}

describeEachScene(
  'always right',
  ({ start }) => {
    describe.each([
      ['by path', [], PLAIN, [undefined]],
      ['by host', ['--host-routing'], BY_HOST, HOSTS],
    ] as const)('%s', (_, flags, keys, hosts) => {
      const backends: Backend[] = [];
      let box: Signalbox;
      let count = 0;
      let table: Map<string, string>;

      afterAll(() => agent.destroy());
      beforeAll(async () => {
        for (let i = 0; i < 3; i++) backends.push(await startBackend({ name: `b${i}` }));
        // Without activity rows are renewed as soon as routes rest, whether they are used or not.
        const args = ['--no-activity', '--pin-interval', '100ms', '--max-draining', '100', ...flags];
        box = await start({ args });
      });

      /** Another one each time, half of them with a path of their own. */
      function nextTarget(): string {
        const n = count++;
        const { url } = backends[n % backends.length] as Backend;
        return n % 2 === 0 ? url : `${url}/t/${n}`;
      }

      async function act(action: Action): Promise<void> {
        if (action.kind === 'rest') return await untilRowsAreNew();
        if (action.kind === 'remove') {
          for (const key of action.keys) {
            if (!table.delete(key)) continue;
            await box.remove(encoded(key));
            await checkAll();
          }
          return;
        }
        const set = new Map(action.keys.map((key) => [key, nextTarget()]));
        if (action.kind === 'set') {
          for (const [key, target] of set) {
            table.set(key, target);
            await box.add(encoded(key), target);
            await checkAll();
          }
          return;
        }
        table = new Map(action.kind === 'put' ? set : [...table, ...set]);
        const body = Object.fromEntries([...set].map(([key, target]) => [key, { target }]));
        expect((await box.api(action.kind === 'put' ? 'PUT' : 'PATCH', '/api/routes', body)).status).toBe(200);
        await checkAll();
      }

      /** All routes in rows, and no mark. */
      async function untilRowsAreNew(): Promise<void> {
        if ([...table.keys()].every((key) => key === '/')) return;
        const run = join(box.stateDir, 'nginx/run');
        const isNew = () => {
          const folders = readdirSync(run).filter((name) => /^settled-[0-9a-f]+$/.test(name));
          return folders.length === 1 && readdirSync(join(run, folders[0] as string)).length === 0;
        };
        await until(isNew, { what: 'rows to be renewed' });
        await checkAll();
      }

      async function checkAll(): Promise<void> {
        const paths = new Set(
          [...keys].flatMap((key) => pathsAround(flags.length > 0 ? key.replace(/^\/[^/]*/, '') : key)),
        );
        const asked = [...paths].flatMap((path) =>
          hosts.map((host) => ({ path: path.startsWith('/') ? path : `/${path}`, host })),
        );
        await inParallel(8, asked, async ({ path, host }) => {
          const answer = await ask(box.port, path, host ?? 'signalbox.test');
          const key = matchRoute({ get: (one) => table.get(one) as never }, path, host);
          const target = key === undefined ? undefined : table.get(key);
          const what = `${host ?? ''} ${path} of ${JSON.stringify([...table])}`;
          if (target === undefined) return expect(answer.status, what).toBe(404);
          const { origin, pathname } = new URL(target);
          const prefix = pathname === '/' ? '' : pathname;
          expect(answer.status, what).toBe(200);
          const { url, backend } = JSON.parse(answer.text) as Seen;
          expect(backend, what).toBe(backends.find((one) => one.url === origin)?.name);
          expect(url.startsWith('/t/') ? url.split('/').slice(0, 3).join('/') : '', what).toBe(prefix);
        });
      }

      test('whatever changes, whenever rows are renewed', async () => {
        const property = fc.asyncProperty(actionsOn(keys), async (actions) => {
          table = new Map();
          await box.api('PUT', '/api/routes', {});
          for (const action of actions) await act(action);
        });
        await fc.assert(property, { ...runs(12), endOnFailure: true });
      });
    });
  },
  ['nginx'],
);
