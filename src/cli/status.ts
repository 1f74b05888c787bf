import type { StatusReport } from '../api/schemas.ts';
import { SignalboxError } from '../errors.ts';
import { type ApiAddress, askApi, callApi } from './client/api.ts';
import { API_ENVIRONMENT, API_OPTIONS, apiAddress } from './client/options.ts';
import { defineCommand, type Io } from './command.ts';
import { API_EXITS, EXIT, exits } from './exit-codes.ts';
import { INTERVAL, readInterval } from './interval.ts';
import { pause } from './pause.ts';
import { type State, stateText } from './status/state-text.ts';
import { painter } from './terminal-text.ts';

/** `signalbox status`: is it ready, and what is it doing? */
export const status = defineCommand({
  name: 'status',
  summary: 'show whether the proxy serves the newest table, and the state of both',
  description: [
    'Shows whether a running Signalbox is ready: its proxy is up and serves the newest table. Then the versions, the numbers of the table that is wanted and that is served, the last error, reloads, workers that still finish connections, how the access log is read, and all replicas that share the table.',
    'The exit code tells whether it is ready. With --watch the state is shown anew until it is interrupted: on a terminal in place, else whenever something but the counters has changed.',
  ],
  options: {
    watch: { short: 'w', about: 'Go on showing it until interrupted.' },
    interval: INTERVAL,
    json: { about: 'Print one JSON object, with --watch one a line.' },
    ...API_OPTIONS,
  },
  exits: [...exits(['ok', 'ready']), ...API_EXITS, ...exits(['notReady', 'not ready; the reason is shown'])],
  environment: API_ENVIRONMENT,
  examples: [
    { about: 'How is it?', command: 'signalbox status' },
    {
      about: 'Wait until it is ready:',
      command: 'until signalbox status > /dev/null; do sleep 1; done',
    },
    { about: 'One number of it (jq):', command: 'signalbox status --json | jq .generation.served' },
  ],

  async run({ options, io }) {
    const api = apiAddress(options, io.env);
    const show = (state: State) =>
      options.json ? `${JSON.stringify(state)}\n` : stateText(state, painter(io.terminal), Date.now());
    if (options.watch) return watchState(api, readInterval(options.interval), show, io);
    const state = await fetchState(api);
    io.out(options.json ? `${JSON.stringify(state, undefined, 2)}\n` : show(state));
    return exitCode(state);
  },
});

async function watchState(api: ApiAddress, interval: number, show: (state: State) => string, io: Io): Promise<number> {
  const stop = io.stop ?? new AbortController().signal;
  let shown: string | undefined;
  let state: State | undefined;
  do {
    try {
      state = await fetchState(api);
      const text = show(state);
      if (io.terminal) io.out(`${HOME}${text}`);
      else if (essence(state) !== shown) io.out(text);
      shown = essence(state);
    } catch (error) {
      if (!(error instanceof SignalboxError && error.code === 'API_UNREACHABLE')) throw error;
      if (shown !== error.message) io.err(`${error.message}; waiting for it\n`);
      shown = error.message;
      state = undefined;
    }
  } while (!(await pause(interval, stop)));
  return state === undefined ? EXIT.unreachable : exitCode(state);
}

/** To the top left corner, and the old text away. */
const HOME = '\u001b[H\u001b[2J';

function exitCode({ ready }: State): number {
  return ready ? EXIT.ok : EXIT.notReady;
}

async function fetchState(api: ApiAddress): Promise<State> {
  const report = (await callApi(api, 'GET', '/status')) as StatusReport;
  const { text } = await askApi(api, 'GET', '/readyz');
  const { ready, reason } = JSON.parse(text) as { ready: boolean; reason?: string };
  return { ready, ...(reason === undefined ? {} : { reason }), ...report };
}

/** What is worth a new line: all but what moves with every request and every second. */
function essence({ uptimeSeconds: _, activity, fleet, ...state }: State): string {
  const replicas = fleet?.replicas.map(({ leaseSeconds, ...one }) => ({ ...one, isOver: leaseSeconds <= 0 }));
  return JSON.stringify({ ...state, blind: activity?.blind, fleet: fleet && { ...fleet, staleSeconds: 0, replicas } });
}
