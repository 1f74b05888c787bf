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
    onMove: (names) => moves.push(...names),
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

const ensure = (...names: string[]) => addresses.ensure(new Map(names.map((name) => [name, 80])));

it('looks a name up once, and all names again and again', async () => {
  const zone: Zone = { hub: ['10.0.0.1'] };
  const { moves, asked } = resolver(zone);
  await ensure('hub');
  await ensure('hub');
  expect(asked).toEqual(['hub']);
  expect(addresses.get('hub')).toBe('10.0.0.1');
  zone.hub = ['10.0.0.2'];
  await expect.poll(() => addresses.get('hub')).toBe('10.0.0.2');
  expect(moves).toEqual(['hub']);
});

it('keeps the last good address while lookups fail, and says so once', async () => {
  const zone: Zone = { hub: ['10.0.0.1'] };
  const { lines, asked } = resolver(zone);
  await ensure('hub');
  zone.hub = undefined;
  const before = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(before + 3);
  expect(addresses.get('hub')).toBe('10.0.0.1');
  zone.hub = ['10.0.0.1'];
  await expect.poll(() => lines).toHaveLength(2);
  expect(lines[0]).toContain('its last address 10.0.0.1 stays in use');
  expect(lines[1]).toContain('resolves again');
});

it('tries a name without an address again, and tells when it has one', async () => {
  const zone: Zone = {};
  const { moves } = resolver(zone);
  await ensure('late');
  expect(addresses.get('late')).toBeUndefined();
  zone.late = ['10.0.0.3'];
  await expect.poll(() => moves).toEqual(['late']);
});

it('believes what an earlier daemon knew, but looks soon', async () => {
  const { moves, asked } = resolver({ hub: ['10.0.0.9'], gone: undefined }, 60_000);
  addresses.seed('hub', '10.0.0.1', 80);
  addresses.seed('gone', '10.0.0.2', 80);
  await ensure('hub', 'gone');
  expect(asked).toEqual([]);
  expect(addresses.get('hub')).toBe('10.0.0.1');
  await expect.poll(() => moves).toEqual(['hub']);
  expect(addresses.get('hub')).toBe('10.0.0.9');
  expect(addresses.get('gone')).toBe('10.0.0.2');
});

it('waits for a slow lookup only so long, and tells when it came', async () => {
  let answer = (_: string[]) => {};
  const moves: string[] = [];
  addresses = new Addresses({
    refreshMs: 60_000,
    onMove: (names) => moves.push(...names),
    log: { warn: () => {}, info: () => {} },
    resolve: () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  });
  const started = Date.now();
  await ensure('slow');
  expect(Date.now() - started).toBeLessThan(4_000);
  expect(addresses.get('slow')).toBeUndefined();
  answer(['10.0.0.4']);
  await expect.poll(() => moves).toEqual(['slow']);
});

it('of several addresses takes one that answers, and stays with it', async () => {
  const server = createServer().listen(0, '127.0.0.2');
  onCleanup(() => server.close());
  await expect.poll(() => server.address()).not.toBeNull();
  const { port } = server.address() as { port: number };
  const zone: Zone = { both: ['127.0.0.3', '127.0.0.2'] };
  const { moves, asked } = resolver(zone);
  await addresses.ensure(new Map([['both', port]]));
  expect(addresses.get('both')).toBe('127.0.0.2');
  zone.both = ['127.0.0.3', '127.0.0.4', '127.0.0.2'];
  const before = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(before + 2);
  expect(addresses.get('both')).toBe('127.0.0.2');
  expect(moves).toEqual([]);
});

it('forgets names that no route uses', async () => {
  const { asked } = resolver({ a: ['10.0.0.1'], b: ['10.0.0.2'] });
  await ensure('a', 'b');
  addresses.retain((name) => name === 'b');
  expect(addresses.get('a')).toBeUndefined();
  const before = asked.length;
  await expect.poll(() => asked.length).toBeGreaterThan(before + 2);
  expect(asked.slice(before)).not.toContain('a');
});
