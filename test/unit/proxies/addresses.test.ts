import { createServer } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { Addresses } from '../../../src/proxies/addresses.ts';
import { onCleanup } from '../../support/cleanup.ts';

/** Names to addresses; undefined: the lookup fails. */
type Zone = Record<string, string[] | undefined>;

let addresses: Addresses;
afterEach(() => addresses.stop());

function resolver(zone: Zone, refreshMs = 10) {
  const moves: string[] = [];
  const lines: string[] = [];
  const asked: string[] = [];
  addresses = new Addresses({
    refreshMs,
    onMove: (places) => moves.push(...places.map(({ name }) => name)),
    log: { warn: (_, line) => lines.push(line), info: (_, line) => lines.push(line) },
    async resolve(name) {
      asked.push(name);
      const found = zone[name];
      if (!found) throw new Error('getaddrinfo ENOTFOUND');
      return found;
    },
  });
  return { moves, lines, asked };
}

const at = (name: string, port = 80) => ({ name, port });
const ensure = (...names: string[]) => addresses.ensure(names.map((name) => at(name)));
const known = (name: string) => addresses.get(at(name));

it('looks a name up once, and all names again and again', async () => {
  const zone: Zone = { hub: ['10.0.0.1'] };
  const { moves, asked } = resolver(zone);
  await ensure('hub');
  await ensure('hub');
  expect(asked).toEqual(['hub']);
  expect(known('hub')).toEqual(['10.0.0.1']);
  zone.hub = ['10.0.0.2'];
  await expect.poll(() => moves).toEqual(['hub']);
  expect(known('hub')).toEqual(['10.0.0.2']);
});

it('keeps the last good address while lookups fail, and says so once', async () => {
  const zone: Zone = { hub: ['10.0.0.1'] };
  const { lines, asked } = resolver(zone);
  await ensure('hub');
  zone.hub = undefined;
  const before = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(before + 3);
  expect(known('hub')).toEqual(['10.0.0.1']);
  zone.hub = ['10.0.0.1'];
  await expect.poll(() => lines).toHaveLength(2);
  expect(lines[0]).toContain('its last address 10.0.0.1 stays in use');
  expect(lines[1]).toContain('resolves again');
});

it('tries a name without an address again, and tells when it has one', async () => {
  const zone: Zone = {};
  const { moves } = resolver(zone);
  await ensure('late');
  expect(known('late')).toEqual([]);
  zone.late = ['10.0.0.3'];
  await expect.poll(() => moves).toEqual(['late']);
});

it('believes what an earlier daemon knew, but looks soon', async () => {
  const { moves, asked } = resolver({ hub: ['10.0.0.9'], gone: undefined }, 60_000);
  addresses.seed(at('hub'), ['10.0.0.1']);
  addresses.seed(at('gone'), ['10.0.0.2']);
  await ensure('hub', 'gone');
  expect(asked).toEqual([]);
  expect(known('hub')).toEqual(['10.0.0.1']);
  await expect.poll(() => moves).toEqual(['hub']);
  expect(known('hub')).toEqual(['10.0.0.9']);
  expect(known('gone')).toEqual(['10.0.0.2']);
});

it('waits for a slow lookup only so long, and tells when it came', async () => {
  let answer = (_: string[]) => {};
  const moves: string[] = [];
  addresses = new Addresses({
    refreshMs: 60_000,
    onMove: (places) => moves.push(...places.map(({ name }) => name)),
    log: { warn: () => {}, info: () => {} },
    resolve: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  const started = Date.now();
  await ensure('slow');
  expect(Date.now() - started).toBeLessThan(4_000);
  expect(known('slow')).toEqual([]);
  answer(['10.0.0.4']);
  await expect.poll(() => moves).toEqual(['slow']);
});

async function listenOn(host: string): Promise<number> {
  const server = createServer().listen(0, host);
  onCleanup(() => server.close());
  await expect.poll(() => server.address()).not.toBeNull();
  return (server.address() as { port: number }).port;
}

it('of several addresses puts one in front that answers, for each port, and stays with it', async () => {
  const [two, three] = [await listenOn('127.0.0.2'), await listenOn('127.0.0.3')];
  const zone: Zone = { both: ['127.0.0.3', '127.0.0.2'] };
  const { moves, asked } = resolver(zone);
  await addresses.ensure([at('both', two), at('both', three)]);
  expect(addresses.get(at('both', two))).toEqual(['127.0.0.2', '127.0.0.3']);
  expect(addresses.get(at('both', three))).toEqual(['127.0.0.3', '127.0.0.2']);
  // In another order, as many name servers tell them: nothing has moved.
  zone.both = ['127.0.0.2', '127.0.0.3'];
  const before = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(before + 2);
  expect(addresses.get(at('both', three))).toEqual(['127.0.0.3', '127.0.0.2']);
  expect(moves).toEqual([]);
});

it('asks nobody for a name that it knows when another port of it is used', async () => {
  const port = await listenOn('127.0.0.3');
  const { asked } = resolver({ both: ['127.0.0.2', '127.0.0.3'] }, 60_000);
  await ensure('both');
  await addresses.ensure([at('both', port)]);
  expect(asked).toEqual(['both']);
  expect(addresses.get(at('both', port))).toEqual(['127.0.0.3', '127.0.0.2']);
});

it('looks up two names at a time, new ones before all that are known', async () => {
  const begun: { name: string; answer: (addresses: string[]) => void }[] = [];
  addresses = new Addresses({
    refreshMs: 5,
    onMove: () => {},
    log: { warn: () => {}, info: () => {} },
    resolve: (name) => new Promise((answer) => begun.push({ name, answer })),
  });
  for (let number = 0; number < 1_000; number++) addresses.seed(at(`known-${number}`), ['10.0.0.1']);
  await expect.poll(() => begun).toHaveLength(1);
  const first = ensure('first');
  const others = [ensure('second'), ensure('third')];
  expect(begun.map(({ name }) => name)).toEqual(['known-0', 'first']);
  begun[1]?.answer(['10.0.0.2']);
  await first;
  expect(known('first')).toEqual(['10.0.0.2']);
  await expect.poll(() => begun.map(({ name }) => name)).toEqual(['known-0', 'first', 'third']);
  // What waited too long waits among the known ones, and holds up no newer name.
  await Promise.all(others);
  const fourth = ensure('fourth');
  begun[2]?.answer(['10.0.0.3']);
  await expect.poll(() => begun.map(({ name }) => name)).toEqual(['known-0', 'first', 'third', 'fourth']);
  begun[3]?.answer(['10.0.0.4']);
  await fourth;
  expect(known('fourth')).toEqual(['10.0.0.4']);
});

it('forgets names that no route uses', async () => {
  const { asked } = resolver({ a: ['10.0.0.1'], b: ['10.0.0.2'] });
  await ensure('a', 'b');
  addresses.retain(({ name }) => name === 'b');
  expect(known('a')).toEqual([]);
  const before = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(before + 2);
  expect(asked.slice(before)).not.toContain('a');
});
