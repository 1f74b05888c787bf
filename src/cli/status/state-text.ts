import type { StatusReport } from '../../api/schemas.ts';
import { alignColumns } from '../client/columns.ts';
import { age, size } from '../quantities.ts';
import { type Paint, printable } from '../terminal-text.ts';
import { fleetRows, replicasText } from './fleet-text.ts';

/** What GET /status and GET /readyz tell together. */
export interface State extends StatusReport {
  readonly ready: boolean;
  readonly reason?: string;
}

/** `--json` shows them all. */
const MOST_REFUSED = 10;

/** The state for people: one line on what counts, then rows, then the replicas where there are any. */
export function stateText(state: State, paint: Paint, now: number): string {
  const head = state.ready ? paint('green', 'ready') : paint('red', `not ready: ${printable(state.reason ?? '')}`);
  return `${head}\n${alignColumns(rows(state, now))}${replicasText(state)}`;
}

function rows(state: State, now: number): string[][] {
  const { proxy, generation, pending, lastError } = state;
  const { restarts } = proxy;
  return [
    ['signalbox', `${state.version}, up for ${duration(state.uptimeSeconds)}`],
    [
      'proxy',
      `${state.driver} ${proxy.version ?? '(version unknown)'}, ${proxy.up ? 'up' : 'down'}${restarts ? `, ${times(restarts)} restarted` : ''}`,
    ],
    ['routes', `${state.routes}, table ${state.table}`],
    ...namespaceRows(state),
    [
      'generation',
      pending === 0 ? `${generation.served}` : `${generation.served} of ${generation.wanted}, ${pending} pending`,
    ],
    ...refusedRows(state, now),
    ...fleetRows(state),
    ['reloads', `${state.reloads}`],
    ['draining workers', drainingText(state)],
    ...pinRows(state),
    ['templates', templatesText(state)],
    ['activity', activityText(state)],
    [
      'last error',
      lastError === null ? 'none' : `${age(now - Date.parse(lastError.time))}: ${printable(lastError.message)}`,
    ],
  ];
}

/** Empty without namespaces. */
function namespaceRows({ namespaces }: State): string[][] {
  return namespaces.map(({ name, routes, maxRoutes }, i) => [
    i === 0 ? 'namespaces' : '',
    `${name}, ${routes}${maxRoutes === null ? '' : ` of ${maxRoutes}`} routes`,
  ]);
}

function drainingText({ drainingWorkers, draining }: State): string {
  if (drainingWorkers === null || draining === null) return 'not visible from here';
  if (drainingWorkers === 0) return '0';
  const { generations, bytes } = draining;
  const memory = bytes === null ? '' : `, with ${size(bytes)}B of memory`;
  return `${drainingWorkers} of ${generations === 1 ? 'one earlier configuration' : `${generations} earlier configurations`}${memory}`;
}

/** Empty for Traefik. */
function pinRows({ pins }: State): string[][] {
  if (pins === null) return [];
  const share = pins.share === null ? '' : `, which get ${Math.round(pins.share * 100)} % of the requests`;
  return [['pinned targets', `${pins.targets}${share}`]];
}

/** Empty when the proxy refuses none. */
function refusedRows({ refused }: State, now: number): string[][] {
  const shown = refused.slice(0, MOST_REFUSED);
  const rows = shown.map(({ key, reason, since }, i) => [
    i === 0 ? 'refused' : '',
    `${printable(key)}, ${age(now - Date.parse(since))}: ${printable(reason)}`,
  ]);
  if (refused.length > shown.length) rows.push(['', `and ${refused.length - shown.length} more`]);
  return rows;
}

function templatesText({ templates: { own, error } }: State): string {
  const inUse = own.length === 0 ? 'ours' : `ours and ${own.length} of your own`;
  if (error === null) return inUse;
  const place = [error.file, error.line].filter((part) => part !== null).join(':');
  return `the newest are refused, ${inUse} stay in use: ${printable(place === '' ? error.message : `${place}: ${error.message}`)}`;
}

function activityText({ activity }: State): string {
  if (activity === null) return 'off';
  const { lines, unreadable, backlogBytes, blind } = activity;
  const parts = [`${lines} lines of access logs read`];
  if (unreadable > 0) parts.push(`${unreadable} of them not understood`);
  if (backlogBytes > 0) parts.push(`${size(backlogBytes)} bytes to go`);
  if (blind !== null) parts.push(`open connections can't be seen: ${printable(blind)}`);
  return parts.join(', ');
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function duration(seconds: number): string {
  return age(seconds * 1000).replace(/ ago$/, '');
}
