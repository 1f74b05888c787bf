import { SignalboxError } from '../../errors.ts';
import { replaceFile } from '../../system/files.ts';
import { callApi } from '../client/api.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from '../client/options.ts';
import { defineCommand } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import type { Table } from './read-table.ts';

/** `signalbox routes export`: the whole table as JSON. */
export const exportRoutes = defineCommand({
  name: 'export',
  summary: 'write the whole table as JSON, for routes import',
  description: [
    'Writes every route with its data and its last_activity, as routes import and PUT /api/routes take it.',
    'A file is replaced in one step, and only its owner may read it: data of routes may be private.',
  ],
  operands: [{ name: 'FILE', about: 'file to write; - for standard output (the default)', optional: true }],
  options: API_OPTIONS,
  exits: [...exits('ok'), ...API_EXITS],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'Keep the table of today:', command: 'signalbox routes export routes.json' },
    {
      about: 'How many routes go where? (jq)',
      command: "signalbox routes export | jq -r '.[].target' | sort | uniq -c",
    },
  ],

  async run({ options, operands: [file = '-'], io }) {
    const table = (await callApi(apiAddress(options, io.env), 'GET', '/api/routes')) as Table;
    const sorted = Object.fromEntries(Object.entries(table).sort(([a], [b]) => (a < b ? -1 : 1)));
    const text = `${JSON.stringify(sorted, undefined, 2)}\n`;
    if (file === '-') io.out(text);
    else save(file, text);
    return EXIT.ok;
  },
});

function save(file: string, text: string): void {
  try {
    replaceFile(file, text);
  } catch (error) {
    throw new SignalboxError('STATE_UNUSABLE', `${file} cannot be written`, { cause: error });
  }
}
