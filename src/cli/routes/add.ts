import { SignalboxError } from '../../errors.ts';
import { callApi } from '../client/api.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from '../client/options.ts';
import { defineCommand } from '../command.ts';
import { API_EXITS, EXIT, exits } from '../exit-codes.ts';
import { printable } from '../terminal-text.ts';
import { keyOf, SPEC } from './spec.ts';

/** `signalbox routes add`: one route, or the same one with another target. */
export const add = defineCommand({
  name: 'add',
  summary: 'add a route, or replace the one that is there',
  description: [
    'Adds a route and waits until the proxy really serves it. A route that is there already is replaced as a whole, its data too.',
  ],
  operands: [
    SPEC,
    { name: 'TARGET', about: 'URL of the backend: http://…, https://… or http+unix://%2Fpath%2Fto.sock' },
  ],
  options: {
    data: {
      short: 'd',
      value: 'KEY=VALUE',
      repeatable: true,
      about: 'Data to keep with the route. What is JSON is taken as JSON (7, true, {"a": 1}), all else as text.',
    },
    json: { about: 'Print the numbers of routes as JSON.' },
    ...API_OPTIONS,
  },
  exits: [...exits('ok'), ...API_EXITS, ...exits('notReady')],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'A service of your own:', command: 'signalbox routes add /docs http://127.0.0.1:9000' },
    {
      about: 'With data, which the API gives back:',
      command: 'signalbox routes add /docs http://127.0.0.1:9000 --data owner=ada -d n=7',
    },
  ],

  async run({ options, operands: [spec = '', target = ''], io }) {
    const key = keyOf(spec);
    const patch = { [key]: { ...readData(options.data), target } };
    const done = (await callApi(apiAddress(options, io.env), 'PATCH', '/api/routes', patch)) as Record<string, number>;
    const what = done.added ? 'added' : done.changed ? 'changed' : 'was there already';
    io.out(options.json ? `${JSON.stringify(done)}\n` : `${printable(key)} ${what}\n`);
    return EXIT.ok;
  },
});

function readData(pairs: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) {
        throw new SignalboxError('BAD_CONFIG', `--data: found ${JSON.stringify(pair)}, want KEY=VALUE`);
      }
      return [pair.slice(0, at), valueFrom(pair.slice(at + 1))];
    }),
  );
}

function valueFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
