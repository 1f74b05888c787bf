import { callApi } from '../client/api.ts';
import { alignColumns } from '../client/columns.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from '../client/options.ts';
import { defineCommand } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import { printable } from '../terminal-text.ts';
import { keyOf, routePath, SPEC } from './spec.ts';

/** `signalbox routes get`: one route with all its data. */
export const get = defineCommand({
  name: 'get',
  summary: 'show one route with its data',
  description: ['Shows the target of one route, when it was last used, and all the data it was given.'],
  operands: [SPEC],
  options: { json: { about: 'Print what the API answers, as JSON.' }, ...API_OPTIONS },
  exits: [...exits('ok'), ...API_EXITS, ...exits('notFound')],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'Where does Ada go?', command: 'signalbox routes get /user/ada' },
    {
      about: 'Is there a route? (5: there is none)',
      command: 'signalbox routes get /user/nobody 2> /dev/null || echo "exit code $?"',
    },
  ],

  async run({ options, operands: [spec = ''], io }) {
    const key = keyOf(spec);
    const route = (await callApi(apiAddress(options, io.env), 'GET', routePath(key))) as Record<string, unknown>;
    io.out(
      options.json
        ? `${JSON.stringify(route, undefined, 2)}\n`
        : alignColumns([
            ['route', printable(key)],
            ...Object.entries(route).map(([name, value]) => [
              printable(name),
              printable(typeof value === 'string' ? value : JSON.stringify(value)),
            ]),
          ]),
    );
    return EXIT.ok;
  },
});
