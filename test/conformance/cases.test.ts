import { expect, test } from 'vitest';
import { groups } from './cases/index.ts';

const all = groups.flatMap(({ title, cases }) => cases.map((one) => ({ ...one, name: `${title}: ${one.name}` })));

test('there are cases, each with a name of its own', () => {
  expect(all.length).toBeGreaterThanOrEqual(80);
  expect(all.map(({ name }) => name).filter((name, at, names) => names.indexOf(name) !== at)).toEqual([]);
});

test('each says what must come of it', () => {
  for (const { name, expect: expected, difference, steps } of all) {
    expect(steps.length, name).toBeGreaterThan(0);
    expect(Object.keys({ ...expected, ...difference?.chp }).length, name).toBeGreaterThan(0);
  }
});

test('each difference names its fields for both sides, and its reason', () => {
  for (const { name, difference, fault } of all) {
    if (!difference) continue;
    expect(Object.keys(difference.signalbox).sort(), name).toEqual(Object.keys(difference.chp).sort());
    expect(difference.why, name).toMatch(/\.$/);
    expect(fault, name).toBeUndefined();
  }
});
