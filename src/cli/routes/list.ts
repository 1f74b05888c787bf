import type { RouteStats } from '../../activity/stats.ts';
import { callApi } from '../client/api.ts';
import { alignColumns } from '../client/columns.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from '../client/options.ts';
import { defineCommand } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import { age, size } from '../quantities.ts';
import { printable } from '../terminal-text.ts';

/** A route as the API shows it with `?stats=1`, as far as it is printed. */
interface Shown {
  readonly target: string;
  readonly last_activity: string;
  readonly stats?: RouteStats;
}

/** `signalbox routes list`: the table of a running Signalbox, and how each route was used. */
export const list = defineCommand({
  name: 'list',
  summary: 'list the routes of a running Signalbox, and with --stats how they are used',
  description: [
    'Lists the routes of a running Signalbox with their targets and when they were last used, the one that was used last on top. The word list may be left out.',
    'With --stats each line goes on with the requests, the bytes sent to clients, the open connections, the status of the last answer, and the time in ms that 50 % and 95 % of the requests took, since Signalbox started.',
  ],
  options: {
    stats: { about: 'Show how each route was used since Signalbox started.' },
    json: { about: 'Print what the API answers, as JSON.' },
    ...API_OPTIONS,
  },
  exits: [...exits('ok'), ...API_EXITS],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'What is there:', command: 'signalbox routes' },
    { about: 'The ten routes that were used last, and how:', command: 'signalbox routes --stats | head -n 11' },
    {
      about: 'Routes that nobody has used today, for a script (jq):',
      command: `signalbox routes --json | jq -r --arg day "$(date -u +%F)" \\
  'to_entries[] | select(.value.last_activity < $day) | .key'`,
    },
  ],

  async run({ options, io }) {
    const path = `/api/routes${options.stats ? '?stats=1' : ''}`;
    const table = (await callApi(apiAddress(options, io.env), 'GET', path)) as Record<string, Shown>;
    if (options.json) io.out(`${JSON.stringify(table, undefined, 2)}\n`);
    else io.out(listing(table, options.stats, Date.now()));
    return EXIT.ok;
  },
});

const COLUMNS = ['ROUTE', 'TARGET', 'LAST USED'];
const STATS_COLUMNS = ['REQUESTS', 'BYTES', 'OPEN', 'STATUS', 'P50', 'P95'];

function listing(table: Readonly<Record<string, Shown>>, withStats: boolean, now: number): string {
  const entries = Object.entries(table).sort(([, a], [, b]) => (a.last_activity < b.last_activity ? 1 : -1));
  if (entries.length === 0) return 'There are no routes.\n';
  const rows = entries.map(([key, { target, last_activity, stats }]) => {
    const row = [printable(key), printable(target), age(now - Date.parse(last_activity))];
    if (!withStats) return row;
    const { requests, bytes, openConnections, lastStatus, p50, p95 } = stats ?? {};
    return [
      ...row,
      ...[requests, size(bytes), openConnections, lastStatus, p50, p95].map((value) => `${value ?? '-'}`),
    ];
  });
  const header = withStats ? [...COLUMNS, ...STATS_COLUMNS] : COLUMNS;
  return alignColumns([header, ...rows], withStats ? [3, 4, 5, 6, 7, 8] : []);
}
