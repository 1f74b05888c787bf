import { expect, it, onTestFinished } from 'vitest';
import { makeRoute } from '../../../src/routes/route.ts';
import { WHOLE_TABLE } from '../../../src/routes/scope.ts';
import { makeLoop } from './fake-driver.ts';

const set = (key: string, target = 'http://127.0.0.1:9000') => ({ route: makeRoute(key, { target }) });
const change = (actor: string | undefined, keys: readonly string[]) => ({
  ...{ actor, clear: undefined, set: keys.map((key) => set(key)), remove: [] },
});
const many = (front: string, count: number) => Array.from({ length: count }, (_, i) => `/${front}${i}`);

async function begun() {
  const made = await makeLoop();
  onTestFinished(() => made.reconciler.stop());
  made.reconciler.start();
  const seen = () => made.events.after(0).events.map(({ actor, key, text }) => [actor, key, text]);
  return { ...made, seen };
}

it('each route that changes is an event, with who asked for it and without secrets', async () => {
  const { writer, seen } = await begun();
  await writer.submit({
    actor: 'ada',
    clear: undefined,
    set: [set('/a', 'http://u:secret@b:1/?token=secret')],
    remove: [],
  });
  await writer.submit({ actor: 'bob', clear: undefined, set: [set('/a')], remove: [] });
  await writer.submit({ clear: undefined, set: [], remove: ['/a', '/none'] });
  expect(seen()).toEqual([
    ['ada', '/a', 'Route added /a -> http://b:1/?…'],
    ['bob', '/a', 'Route changed /a -> http://127.0.0.1:9000'],
    [null, '/a', 'Route removed /a'],
  ]);
});

it('of changes that are stored together each is told of its own', async () => {
  const { writer, seen, store } = await begun();
  let commits = 0;
  const { commit } = store;
  store.commit = (wish) => {
    commits++;
    return commit.call(store, wish);
  };
  const senders = many('user', 30);
  await Promise.all(senders.map((key) => writer.submit(change(`actor of ${key}`, [key]))));
  expect(commits).toBeLessThan(30);
  expect(seen().map(([actor, key]) => [actor, key])).toEqual(senders.map((key) => [`actor of ${key}`, key]));
});

it('of one request 20 are named, and the rest is counted', async () => {
  const { writer, seen } = await begun();
  await Promise.all([writer.submit(change('ada', many('a', 25))), writer.submit(change('bob', many('b', 20)))]);
  const of = (actor: string) => seen().filter(([one]) => one === actor);
  expect(of('ada')).toHaveLength(21);
  expect(of('ada').at(-1)).toEqual(['ada', null, 'and 5 more routes added, changed or removed']);
  expect(of('bob')).toHaveLength(20);
});

it('who replaces the table has removed what is not in it', async () => {
  const { writer, seen } = await begun();
  await writer.submit(change('ada', ['/old']));
  await writer.submit({ actor: 'bob', clear: WHOLE_TABLE, set: [set('/new')], remove: [] });
  expect(seen().slice(1)).toEqual([
    ['bob', '/new', 'Route added /new -> http://127.0.0.1:9000'],
    ['bob', '/old', 'Route removed /old'],
  ]);
});
