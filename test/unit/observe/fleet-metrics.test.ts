import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/observe/metrics.ts';
import type { FleetStatus, Replica } from '../../../src/store/fleet.ts';

const NOTHING = {
  routes: () => 0,
  generation: () => ({ wanted: 9_000, served: 8_700 }),
  refused: () => [],
  proxy: () => ({ up: true, reloads: 0, draining: undefined, pins: undefined, templates: { problem: undefined } }),
  activity: () => undefined,
  open: () => ({ websockets: null, people: null }),
};

const replica = (id: string, more: Partial<Replica> = {}): Replica => ({
  ...{ id, name: id, version: '1.2.3', api: null, state: 'serving', served: 9_000, leaseSeconds: 2 },
  ...{ awaited: true, self: false, ...more },
});

function metrics() {
  const status: { -readonly [K in keyof FleetStatus]: FleetStatus[K] } = {
    ...{ database: 'postgres://db/hub', problem: null, staleSeconds: 0, lease: true, listening: true, ack: 'all' },
    replicas: [
      replica('one', { self: true, served: 8_700 }),
      replica('two'),
      replica('three', { served: 8_200 }),
      replica('gone', { served: 1, leaseSeconds: -9, awaited: false }),
      replica('new', { served: 0, state: 'joining', awaited: false }),
    ],
  };
  const generation = { wanted: 9_000, served: 8_700 };
  const made = createMetrics({
    ...{ version: '1.2.3', driver: 'nginx', sources: NOTHING },
    fleet: { status: () => status, generation: () => generation },
  });
  const text = async () => (await made.render()).text;
  return { made, status, generation, text };
}

it('a daemon with SQLite has no metrics of a fleet', async () => {
  const made = createMetrics({ version: '1.2.3', driver: 'nginx', sources: NOTHING });
  expect((await made.render()).text).not.toMatch(/signalbox_(?:fleet|store)_/);
});

it('replicas are counted by state, and nobody is named', async () => {
  const { text } = metrics();
  const shown = await text();
  for (const line of ['state="joining"} 1', 'state="serving"} 3', 'state="gone"} 1'])
    expect(shown).toContain(`signalbox_fleet_replicas{${line}\n`);
  expect(shown).not.toMatch(/^signalbox_.*"(?:one|two|three|new|postgres:.*)"/m);
});

it('the lag is that of this replica, and the worst of those that changes wait for', async () => {
  const { text, status, generation } = metrics();
  expect(await text()).toMatch(/^signalbox_fleet_generation_lag\{replica="self"\} 300$/m);
  expect(await text()).toMatch(/^signalbox_fleet_generation_lag\{replica="others"\} 800$/m);
  // Neither can be known.
  generation.served = -1;
  status.replicas = [replica('one', { self: true })];
  expect(await text()).not.toMatch(/^signalbox_fleet_generation_lag\{/m);
});

it('they say whether the database is there, and since when it is not', async () => {
  const { text, status } = metrics();
  expect(await text()).toMatch(/^signalbox_store_up 1$/m);
  Object.assign(status, { problem: 'no', staleSeconds: 12, lease: false, listening: false });
  const shown = await text();
  expect(shown).toMatch(/^signalbox_store_up 0$/m);
  expect(shown).toMatch(/^signalbox_store_stale_seconds 12$/m);
  expect(shown).toMatch(/^signalbox_fleet_lease 0$/m);
  expect(shown).toMatch(/^signalbox_fleet_listening 0$/m);
});

it('they count what happens', async () => {
  const { made, text } = metrics();
  made.onCommit?.(0.002);
  made.onWait?.(0.004);
  made.onReconnect?.();
  made.onReset?.();
  const shown = await text();
  for (const name of [
    'store_commit_seconds_count',
    'fleet_wait_seconds_count',
    'store_reconnects_total',
    'store_resets_total',
  ])
    expect(shown).toMatch(new RegExp(`^signalbox_${name} 1$`, 'm'));
});
