import type { Stats } from './stats.ts';

export interface Introduction {
  readonly publicUrl: string;
  readonly apiUrl: string;
  readonly dashboardUrl: string;
  readonly token: string;
  /** A server that answers, for the reader's own route. */
  readonly target: string;
}

/** What is printed once it runs. The lines with curl work as they stand. */
export function introduction({ publicUrl, apiUrl, dashboardUrl, token, target }: Introduction): string {
  const auth = `-H 'Authorization: token ${token}'`;
  return `
Signalbox is running. Open the page:

  ${publicUrl}/

and the dashboard, which asks for a token:

  ${dashboardUrl}
  ${token}

Routes come and go while it is open. Add one yourself, from another terminal:

  # add a route, then look at ${publicUrl}/user/you/
  curl -i -X POST ${auth} -d '{"target": "${target}"}' ${apiUrl}/api/routes/user/you
  # list all routes
  curl ${auth} ${apiUrl}/api/routes
  # delete it
  curl -i -X DELETE ${auth} ${apiUrl}/api/routes/user/you

Ctrl-C stops it and removes its files.
`;
}

export function statusLine(stats: Stats, seconds: number, pages: number, percentiles: (number | undefined)[]): string {
  const [p50, p99] = percentiles.map((value) => (value === undefined ? '–' : value.toFixed(1)));
  const parts = [
    `${stats.routes ?? '–'} routes`,
    `${stats.changes} changes (${Math.round(stats.changes / Math.max(seconds, 1))}/s)`,
    `${stats.reloads ?? '–'} reloads`,
    `POST to served p50 ${p50} ms, p99 ${p99} ms`,
    `${stats.wrong} wrong answers`,
    `${pages} open page${pages === 1 ? '' : 's'}`,
  ];
  if (stats.failed > 0) parts.push(`${stats.failed} failed changes`);
  return parts.join(' · ');
}

/** Shows a line that is written over on a terminal, and one every 10 s where it would fill a log. */
export function showStatus(line: () => string): { stop(): void } {
  const isTerminal = process.stdout.isTTY;
  const draw = () => {
    if (!isTerminal) return void process.stdout.write(`${line()}\n`);
    // A line that wraps could not be written over.
    process.stdout.write(`\r\x1b[K${line().slice(0, (process.stdout.columns ?? 80) - 1)}`);
  };
  const timer = setInterval(draw, isTerminal ? 500 : 10_000);
  return {
    stop() {
      clearInterval(timer);
      if (isTerminal) process.stdout.write('\n');
    },
  };
}
