import { describe, expect, it } from 'vitest';
import { page, resultsOf } from '../../bench/report/page.ts';
import type { Results } from '../../bench/report/results.ts';

const results: Results = {
  date: '2026-01-02',
  minutes: 3,
  busyBefore: 0.1,
  machine: {
    processor: 'Some CPU',
    cores: 2,
    memoryGb: 4,
    system: 'Some Linux',
    kernel: '6.1',
    pinned: true,
    priority: 0,
  },
  versions: { Signalbox: '1.2.3' },
  contenders: [
    {
      name: 'first',
      title: 'First',
      rounds: [
        { 'cpu.10': 100, 'bulk.hub': 1 },
        { 'cpu.10': 400, 'bulk.hub': 1 },
        { 'cpu.10': 120, 'bulk.hub': 1 },
      ],
    },
    {
      name: 'second',
      title: 'Second',
      rounds: [
        { 'cpu.10': 30, 'bulk.hub': '7 in 10 s' },
        { 'cpu.10': 31, 'bulk.hub': 9 },
        { 'cpu.10': 29, 'bulk.hub': 8 },
      ],
    },
  ],
  missing: ['Third: not here'],
};

describe('the page of benchmarks', () => {
  const text = page(results);

  it('shows the median of the rounds, and what it is of the first contender', () => {
    expect(text).toContain('| CPU a request, 10 routes, µs | 120 | 30 (0.25×) |');
  });

  it('says how far a measure came that was given up in any round', () => {
    expect(text).toContain('| 1,000 routes, 10 at a time, s | 1 | 7 in 10 s |');
  });

  it('says how much rounds differ and what is missing', () => {
    expect(text).toContain('differed by 300 %, at most by 300 %');
    expect(text).toContain('Not measured: Third: not here.');
  });

  it('has its data in itself, from which it can be made again', () => {
    expect(resultsOf(text)).toEqual(results);
    expect(page(resultsOf(text))).toBe(text);
  });
});
