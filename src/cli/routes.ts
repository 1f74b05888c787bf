import { parseArgs } from 'node:util';
import type { RouteStats } from '../activity/stats.ts';
import { SignalboxError } from '../errors.ts';
import { callApi, readToken } from './client/api.ts';
import { alignColumns } from './client/columns.ts';
import type { Command } from './command.ts';
import { EXIT } from './exit-codes.ts';

/** A route as the API shows it with `?stats=1`, as far as it is printed. */
interface Shown {
  readonly target: string;
  readonly last_activity: string;
  readonly stats?: RouteStats;
}

/** `signalbox routes`: the table of a running Signalbox, and how each route was used. */
export const routes: Command = {
  name: 'routes',
  summary: 'list the routes of a running Signalbox, and with --stats how they are used',

  help: () => `Usage: signalbox routes [OPTIONS]

Lists the routes of a running Signalbox with their targets and when they were
last used, the one that was used last on top.

Options:
  --stats            how each was used since Signalbox started: requests, bytes
                     sent to clients, open connections, status of the last
                     answer, time in ms that 50 % and 95 % of the requests took
  --json             print what the API answers, as JSON
  --api URL          its API; else SIGNALBOX_API, else http://127.0.0.1:8001
  --token-file FILE  its token; else SIGNALBOX_API_TOKEN, else
                     CONFIGPROXY_AUTH_TOKEN

Example:
  signalbox routes --stats --token-file /etc/signalbox/token
`,

  async run(argv, { env, out }) {
    const options = parse(argv, env);
    const file = options['token-file'];
    const token = file ? readToken(file) : (env.SIGNALBOX_API_TOKEN ?? env.CONFIGPROXY_AUTH_TOKEN);
    const path = `/api/routes${options.stats ? '?stats=1' : ''}`;
    const table = (await callApi({ url: options.api, token }, 'GET', path)) as Record<string, Shown>;
    if (options.json) out(`${JSON.stringify(table, undefined, 2)}\n`);
    else out(listing(table, options.stats, Date.now()));
    return EXIT.ok;
  },
};

function parse(argv: readonly string[], env: NodeJS.ProcessEnv) {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: {
        stats: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        api: { type: 'string', default: env.SIGNALBOX_API ?? 'http://127.0.0.1:8001' },
        'token-file': { type: 'string' },
      },
    });
    return { ...values, api: urlOf(values.api) };
  } catch (error) {
    throw new SignalboxError('BAD_CONFIG', (error as Error).message, { hint: 'signalbox routes --help' });
  }
}

/** Takes the address that the daemon listens on as well: all interfaces are reached over this one. */
function urlOf(text: string): string {
  const url = text.includes('://') ? text : `http://${text.replace(/^\*?(?=:)/, '127.0.0.1')}`;
  if (!/^https?:/.test(url) || !URL.canParse(url)) throw new Error(`--api: ${text} is no URL`);
  return url.replace(/\/$/, '');
}

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

/** Names come from users: nothing in them may steer a terminal. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds}s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ago`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours}h ${minutes % 60}m ago` : `${Math.floor(hours / 24)}d ago`;
}

function size(bytes: number | undefined): string | undefined {
  if (bytes === undefined) return undefined;
  let value = bytes;
  for (const unit of ['', 'K', 'M', 'G']) {
    if (value < 1000) return `${value < 10 && unit ? value.toFixed(1) : Math.round(value)}${unit}`;
    value /= 1000;
  }
  return `${Math.round(value)}T`;
}
