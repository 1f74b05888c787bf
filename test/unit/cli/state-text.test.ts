import { describe, expect, it } from 'vitest';
import { stateText } from '../../../src/cli/status/state-text.ts';
import { REPORT } from '../api/harness.ts';

const shown = (state: Partial<typeof REPORT>) => stateText({ ...REPORT, ready: true, ...state }, (_, text) => text, 0);

it.each([
  [null, null, 'not visible from here'],
  [0, { generations: 0, bytes: 0 }, '0'],
  [2, { generations: 1, bytes: null }, '2 of one earlier configuration'],
  [4, { generations: 2, bytes: 30_000_000 }, '4 of 2 earlier configurations, with 30MB of memory'],
])('status says of %s draining workers, %o: %s', (drainingWorkers, draining, text) => {
  expect(shown({ drainingWorkers, draining })).toMatch(new RegExp(`^draining workers +${text}$`, 'm'));
});

it.each([
  [{ targets: 7, share: 0.956 }, '7, which get 96 % of the requests'],
  [{ targets: 7, share: null }, '7'],
])('status says of pinned targets %o: %s', (pins, text) => {
  expect(shown({ pins })).toMatch(new RegExp(`^pinned targets +${text}$`, 'm'));
});

it('status says nothing of pins where there are none', () => {
  expect(shown({ pins: null })).not.toContain('pinned');
});

it('status says how many routes each namespace has, and may have', () => {
  const namespaces = [
    { name: 'physics', routes: 7, maxRoutes: 20 },
    { name: 'chem', routes: 0, maxRoutes: null },
  ];
  expect(shown({ namespaces })).toMatch(/^namespaces +physics, 7 of 20 routes\n +chem, 0 routes\n/m);
  expect(shown({})).not.toContain('namespaces');
});

describe('status of replicas that share a table', () => {
  const replica = (name: string, more: object = {}) => ({
    ...{ id: name, name, version: '1.2.3', api: `http://${name}:8001`, state: 'serving' as const, served: 50_000 },
    ...{ leaseSeconds: 2.4, awaited: true, self: false, ...more },
  });
  const fleet = (more: object = {}) => ({
    database: 'postgres://hub@db:5432/hub?sslmode=prefer',
    problem: null,
    staleSeconds: 0,
    lease: true,
    listening: true,
    ack: 'all' as const,
    replicas: [replica('one', { self: true }), replica('two')],
    ...more,
  });
  const generation = { wanted: 50_000, served: 50_000 };

  it('is not spoken of with SQLite', () => {
    expect(shown({})).not.toMatch(/database|replica/);
  });

  it('names each, with its table and its lease, and which one was asked', () => {
    const text = shown({ generation, fleet: fleet() });
    expect(text).toMatch(/^database +postgres:\/\/hub@db:5432\/hub\?sslmode=prefer$/m);
    expect(text).toMatch(/^changes +answered when all replicas serve them$/m);
    expect(text).toMatch(/^others heard +at once$/m);
    expect(text).toMatch(/^replicas: 2$/m);
    expect(text).toMatch(/^one \(this one\) +1\.2\.3 +serving +current +2\.4s left +http:\/\/one:8001$/m);
    expect(text).toMatch(/^two +1\.2\.3 +serving +current +2\.4s left +http:\/\/two:8001$/m);
  });

  it('says who holds up whom, and how much older its table is', () => {
    const replicas = [
      replica('one', { self: true }),
      replica('two', { served: 38_000, leaseSeconds: -1.2 }),
      replica('gone', { served: 1_000, leaseSeconds: -70, awaited: false, api: null }),
      replica('new', { served: 0, state: 'joining', awaited: false }),
    ];
    const text = shown({ generation, fleet: fleet({ replicas }) });
    expect(text).toMatch(/^changes +answered when all replicas serve them; held up by two$/m);
    expect(text).toMatch(/^two .* 12s older, changes wait for it +ended 1s ago/m);
    expect(text).toMatch(/^gone .* 49s older +ended 1m ago +no API for others$/m);
    expect(text).toMatch(/^new .* joining +loads it/m);
    const own = shown({ generation, fleet: fleet({ replicas, ack: 'own' }) });
    expect(own).toMatch(/^changes +answered when this replica serves them \(ack own\)$/m);
    expect(own).not.toContain('wait');
  });

  it('says that its own proxy is behind', () => {
    expect(shown({ generation: { wanted: 50_000, served: 49_700 }, fleet: fleet() })).toMatch(
      /^one \(this one\) .* 0\.3s older, changes wait for it/m,
    );
  });

  it('says why the database is out of reach, and of when the table is', () => {
    const text = shown({
      generation,
      fleet: fleet({ problem: 'connect ECONNREFUSED', staleSeconds: 65, lease: false, listening: false }),
    });
    expect(text).toMatch(/^database .*, out of reach: connect ECONNREFUSED; the table is that of 1m ago$/m);
    expect(text).toMatch(/^changes .*; the others do not wait for this one$/m);
    expect(text).toMatch(/^replicas: 2, as they were 1m ago$/m);
    expect(shown({ generation, fleet: fleet({ replicas: [] }) })).toContain('replicas: none is known yet');
  });

  it('names the setting that a pooler asks for', () => {
    expect(shown({ generation, fleet: fleet({ listening: false }) })).toMatch(
      /^others heard +not at once, .*PgBouncer.*database-listen/m,
    );
  });
});
