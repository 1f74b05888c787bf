import { SignalboxError } from '../../errors.ts';
import { callApi } from '../client/api.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from '../client/options.ts';
import { defineCommand } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import { printable } from '../terminal-text.ts';
import type { Table } from './read-table.ts';
import { keyOf, SPEC } from './spec.ts';

/** `signalbox routes rm`: one or more routes, in one step. */
export const rm = defineCommand({
  name: 'rm',
  summary: 'remove routes',
  description: [
    'Removes routes in one step and waits until the proxy does not serve them any more. When one of them is not there, nothing is removed. Connections that are open stay.',
  ],
  operands: [{ ...SPEC, repeatable: true }],
  options: { json: { about: 'Print the numbers of routes as JSON.' }, ...API_OPTIONS },
  exits: [
    ...exits('ok'),
    ...API_EXITS,
    ...exits(
      ['notFound', 'one of the routes is not there; none was removed'],
      ['notReady', 'the routes are removed from the table, but the proxy still serves them'],
    ),
  ],
  environment: API_ENVIRONMENT,
  examples: [{ about: 'Two at once:', command: 'signalbox routes rm /docs /old' }],

  async run({ options, operands, io }) {
    const keys = [...new Set(operands.map(keyOf))];
    const api = apiAddress(options, io.env);
    const table = (await callApi(api, 'GET', '/api/routes')) as Table;
    const missing = keys.filter((key) => !Object.hasOwn(table, key));
    if (missing.length > 0) {
      throw new SignalboxError('NOT_FOUND', `there is no route ${missing.map(printable).join(', ')}`, {
        hint: 'Nothing was removed. signalbox routes lists what is there.',
      });
    }
    const patch = Object.fromEntries(keys.map((key) => [key, null]));
    const done = await callApi(api, 'PATCH', '/api/routes', patch);
    io.out(options.json ? `${JSON.stringify(done)}\n` : keys.map((key) => `${printable(key)} removed\n`).join(''));
    return EXIT.ok;
  },
});
