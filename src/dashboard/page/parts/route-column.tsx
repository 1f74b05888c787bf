import { hashOfRoute } from '../location.ts';
import { Name } from './name.tsx';
import type { Column } from './table.tsx';

/** Leads to the page of a route. */
export const ROUTE: Column<{ readonly key: string }> = {
  title: 'Route',
  isHead: true,
  cell: ({ key }) => (
    <a href={hashOfRoute(key)}>
      <Name text={key} />
    </a>
  ),
};
