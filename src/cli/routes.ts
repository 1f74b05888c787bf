import { defineGroup } from './command.ts';
import { importRoutes } from './routes/import.ts';
import { list } from './routes/list.ts';

/** `signalbox routes`: the table of a running Signalbox. */
export const routes = defineGroup({
  name: 'routes',
  summary: 'list and change the routes of a running Signalbox',
  description: ['Asks a running Signalbox over its API. Without a further word it lists the routes.'],
  environment: list.environment,
  examples: list.examples,
  subcommands: [list, importRoutes],
  fallback: list,
});
