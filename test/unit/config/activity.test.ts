import { describe, expect, it } from 'vitest';
import { load, loadYaml } from './load-with.ts';

describe('sizes', () => {
  it.each([
    ['100KB', 100_000],
    ['64MB', 64_000_000],
    ['1GiB', 1_073_741_824],
  ])('%s', (text, bytes) => {
    expect(load({ argv: ['--access-log-size', text] }).config.accessLogSize).toBe(bytes);
  });

  it.each([['64'], ['64mb'], ['1.5MB'], ['99KB'], ['101GB'], ['']])('%j is none', (text) => {
    expect(() => load({ argv: ['--access-log-size', text] })).toThrow('access-log-size');
  });
});

describe('lists of paths', () => {
  it('come from repeated flags, lines of a variable, or a list in the file', () => {
    const wanted = ['/a.log', '/b.log'];
    expect(load({ argv: ['--activity-log', '/a.log', '--activity-log=/b.log'] }).config.activityLog).toEqual(wanted);
    expect(load({ env: { SIGNALBOX_ACTIVITY_LOG: '/a.log\n/b.log\n/a.log' } }).config.activityLog).toEqual(wanted);
    expect(loadYaml('activity-log: [/a.log, /b.log]').config.activityLog).toEqual(wanted);
    expect(loadYaml('activity-log: /a.log').config.activityLog).toEqual(['/a.log']);
  });

  it('have paths', () => {
    expect(() => loadYaml('activity-log: [~/a.log]')).toThrow('~');
    expect(() => loadYaml('activity-log: {a: b}')).toThrow('found a mapping, want paths');
  });
});

describe('activity-format', () => {
  it.each([['combined'], ['traefik'], ['signalbox'], ['$msec $status $uri']])('%s', (text) => {
    expect(load({ argv: ['--activity-format', text] }).config.activityFormat).toBe(text);
  });

  it('is no other word', () => {
    expect(() => load({ argv: ['--activity-format', 'apache'] })).toThrow('want signalbox, combined');
  });
});
