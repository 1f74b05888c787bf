import { expect, it } from 'vitest';
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
