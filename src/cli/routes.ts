import { defineGroup } from './command.ts';
import { add } from './routes/add.ts';
import { exportRoutes } from './routes/export.ts';
import { get } from './routes/get.ts';
import { importRoutes } from './routes/import.ts';
import { list } from './routes/list.ts';
import { rm } from './routes/rm.ts';
import { watch } from './routes/watch.ts';

/** `signalbox routes`: the table of a running Signalbox. */
export const routes = defineGroup({
  name: 'routes',
  summary: 'list and change the routes of a running Signalbox',
  description: [
    'Asks a running Signalbox over its API. Without a further word it lists the routes. Behind each of the commands, --help tells all about it.',
  ],
  environment: list.environment,
  examples: list.examples,
  subcommands: [list, get, add, rm, watch, exportRoutes, importRoutes],
  fallback: list,
});
