import { formatCount, formatRate } from '../format.ts';
import type { Column } from './table.tsx';
import { Known } from './unknown.tsx';

/** How much routes or people use now. */
export const openColumn = (hint: string): Column<{ readonly open: number | null }> => ({
  title: 'Open',
  sort: 'open',
  isNumber: true,
  hint,
  cell: ({ open }) => <Known value={open} show={formatCount} why="open connections can not be seen" />,
});

export const REQUESTS: Column<{ readonly requestsPerMinute: number }> = {
  title: 'Req/min',
  sort: 'requests',
  isNumber: true,
  hint: 'Average of the last 5 minutes',
  cell: ({ requestsPerMinute }) => formatRate(requestsPerMinute),
};
