import { describeError, SignalboxError } from '../../errors.ts';
import { type ApiAddress, askApi, callApi } from '../client/api.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from '../client/options.ts';
import { defineCommand } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import { INTERVAL, readInterval } from '../interval.ts';
import { pause } from '../pause.ts';
import { painter } from '../terminal-text.ts';
import { type Difference, describeChange, differences } from './differences.ts';
import type { Table } from './read-table.ts';

/** `signalbox routes watch`: changes of the table as they happen. */
export const watch = defineCommand({
  name: 'watch',
  summary: 'print changes of the routes as they happen',
  description: [
    'Prints a line for each route that is added (+), changed (~) or removed (-), until it is interrupted. Asks for the number of the table and fetches the table only when that has moved; changes within one interval that cancel each other out are not seen.',
    'When Signalbox goes away meanwhile it says so, waits for it to come back, and then prints what is different.',
  ],
  options: {
    json: { about: 'Print JSON, one object a line: time, event, route, data.' },
    interval: INTERVAL,
    ...API_OPTIONS,
  },
  exits: [...exits(['ok', 'interrupted by SIGINT or SIGTERM']), ...API_EXITS],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'Who comes and goes:', command: 'signalbox routes watch', notRun: 'runs until it is interrupted' },
    {
      about: 'A log of new servers (jq):',
      command: 'signalbox routes watch --json \\\n  | jq -r \'select(.event == "added") | .time + " " + .route\'',
      notRun: 'runs until it is interrupted',
    },
  ],

  async run({ options, io }) {
    const api = apiAddress(options, io.env);
    const interval = readInterval(options.interval);
    const stop = io.stop ?? new AbortController().signal;
    const paint = painter(io.terminal);
    const print = (change: Difference) => {
      const time = new Date().toISOString();
      io.out(options.json ? `${JSON.stringify({ time, ...change })}\n` : `${time}  ${describeChange(change, paint)}\n`);
    };

    // The number first: a change between the two is then seen once more, not missed.
    let generation = await wantedGeneration(api);
    let table = (await callApi(api, 'GET', '/api/routes')) as Table;
    io.err(`watching ${Object.keys(table).length} routes at ${api.url}\n`);
    let away = false;
    while (!(await pause(interval, stop))) {
      try {
        const now = await wantedGeneration(api);
        if (away) io.err('Signalbox is back\n');
        if (now !== generation || away) {
          const next = (await callApi(api, 'GET', '/api/routes')) as Table;
          for (const change of differences(table, next)) print(change);
          table = next;
          generation = now;
        }
        away = false;
      } catch (error) {
        if (!(error instanceof SignalboxError && error.code === 'API_UNREACHABLE')) throw error;
        if (!away) io.err(`${describeError(error)}; waiting for it\n`);
        away = true;
      }
    }
    return EXIT.ok;
  },
});

/** The number of the table; `/readyz` is the cheapest that tells it, ready or not. */
async function wantedGeneration(api: ApiAddress): Promise<number> {
  const { text } = await askApi(api, 'GET', '/readyz');
  try {
    const { generation } = JSON.parse(text) as { generation: { wanted: number } };
    return generation.wanted;
  } catch (error) {
    throw new SignalboxError('INTERNAL', `${api.url} does not answer as Signalbox does: ${text.slice(0, 80)}`, {
      cause: error,
      hint: 'Is that the address of its API? configurable-http-proxy has no number of its table to watch.',
    });
  }
}
