import { SignalboxError } from '../../errors.ts';
import { callApi, readToken } from '../client/api.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress, apiUrl } from '../client/options.ts';
import { defineCommand, type Io } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import type { Options, OptionValues } from '../options.ts';
import { describeChanges, differences } from './differences.ts';
import { checkTable, readTable, type Table } from './read-table.ts';

const OPTIONS = {
  from: { value: 'URL', about: 'Read from the API of a configurable-http-proxy or of another Signalbox instead.' },
  'from-token-file': {
    value: 'FILE',
    about: 'File with the token of that API; else CONFIGPROXY_AUTH_TOKEN.',
  },
  replace: { about: 'Make the table exactly what is read, in one step: routes that are not in it go.' },
  'dry-run': { about: 'Show what would be done, change nothing.' },
  json: { about: 'Print the numbers of routes as JSON.' },
  ...API_OPTIONS,
} as const satisfies Options;

/** `signalbox routes import`: takes a table from a file or from a running proxy. */
export const importRoutes = defineCommand({
  name: 'import',
  summary: 'take routes from a file, or from a running configurable-http-proxy',
  description: [
    'Reads a table as routes export writes it, with the data and the last_activity of every route, and adds it to the table of a running Signalbox. Routes that are there already and not in the file stay, unless --replace is given.',
    'With --from the table is read from the API of a running configurable-http-proxy, so that nobody has to restart a server to move over.',
    'Either all of it is taken or nothing. What can not be taken is named, all of it at once, before anything is changed.',
  ],
  operands: [{ name: 'FILE', about: 'JSON file; - for standard input (the default)', optional: true }],
  options: OPTIONS,
  exits: [...exits('ok'), ...API_EXITS, ...exits('notReady')],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'Bring back a saved table:', command: 'signalbox routes import --replace routes.json' },
    {
      about: 'Copy the table of another Signalbox:',
      command: 'signalbox routes export --api http://other:8001 \\\n  | signalbox routes import',
      notRun: 'there is no other',
    },
    {
      about: 'Move over from configurable-http-proxy:',
      command:
        'signalbox routes import --from http://127.0.0.1:8001 \\\n  --from-token-file chp.token --api http://127.0.0.1:8101',
      notRun: 'test/e2e/import.test.ts does, with a real one',
    },
  ],

  async run({ options, operands, io }) {
    const api = apiAddress(options, io.env);
    const table = await source(options, operands[0], api.url, io);
    if (options['dry-run']) {
      const current = (await callApi(api, 'GET', '/api/routes')) as Table;
      const changes = differences(current, table).filter(({ event }) => options.replace || event !== 'removed');
      io.out(options.json ? `${JSON.stringify(changes, undefined, 2)}\n` : describeChanges(changes));
      return EXIT.ok;
    }
    const done = await callApi(api, options.replace ? 'PUT' : 'PATCH', '/api/routes', table);
    const { added, changed, removed } = done as { added: number; changed: number; removed: number };
    const count = Object.keys(table).length;
    io.out(
      options.json
        ? `${JSON.stringify({ read: count, added, changed, removed })}\n`
        : `${count} routes read: ${added} added, ${changed} changed, ${removed} removed at ${api.url}\n`,
    );
    return EXIT.ok;
  },
});

async function source(
  options: OptionValues<typeof OPTIONS>,
  file: string | undefined,
  to: string,
  io: Io,
): Promise<Table> {
  if (options.from === undefined) return readTable(file ?? '-', io);
  if (file !== undefined) throw new SignalboxError('BAD_CONFIG', `there are two sources: --from and ${file}`);
  const url = apiUrl(options.from, '--from');
  if (url === to) {
    throw new SignalboxError('BAD_CONFIG', '--from and --api are the same', {
      hint: 'While you move over, let Signalbox listen on other ports: --public, --api.',
    });
  }
  const tokenFile = options['from-token-file'];
  const token = tokenFile === undefined ? io.env.CONFIGPROXY_AUTH_TOKEN : readToken(tokenFile);
  return checkTable(await callApi({ url, token }, 'GET', '/api/routes'), url);
}
