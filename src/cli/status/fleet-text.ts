import type { StatusReport } from '../../api/schemas.ts';
import { alignColumns } from '../client/columns.ts';
import { age } from '../quantities.ts';
import { printable } from '../terminal-text.ts';

type Fleet = NonNullable<StatusReport['fleet']>;
type Replica = Fleet['replicas'][number];

/** What belongs to the table that several replicas share; none for a table in SQLite. */
export function fleetRows({ fleet, generation }: Pick<StatusReport, 'fleet' | 'generation'>): string[][] {
  if (fleet === null) return [];
  return [
    ['database', databaseText(fleet)],
    ['changes', answeredText(fleet, generation.served)],
    ['others heard', fleet.listening ? 'at once' : `not at once${fleet.problem === null ? DEAF : ''}`],
  ];
}

/** The replicas as a table under the rest. */
export function replicasText({ fleet, generation }: Pick<StatusReport, 'fleet' | 'generation'>): string {
  if (fleet === null) return '';
  const { replicas, problem, staleSeconds } = fleet;
  if (replicas.length === 0) return '\nreplicas: none is known yet\n';
  const asOf = problem === null ? '' : `, as they were ${age(staleSeconds * 1000)}`;
  const newest = newestOf(fleet);
  const rows = replicas.map((one) => [
    `${printable(one.name)}${one.self ? ' (this one)' : ''}`,
    one.version,
    one.state,
    tableText(one, fleet, one.self ? generation.served : one.served, newest),
    leaseText(one),
    printable(one.api ?? 'no API for others'),
  ]);
  const table = alignColumns([['REPLICA', 'VERSION', 'STATE', 'TABLE', 'LEASE', 'API'], ...rows]);
  return `\nreplicas: ${replicas.length}${asOf}\n${table}`;
}

const DEAF =
  ', looked for ten times a second: a pooler such as PgBouncer is between (database-listen takes a URL without it)';

function databaseText({ database, problem, staleSeconds }: Fleet): string {
  const where = printable(database);
  if (problem !== null)
    return `${where}, out of reach: ${printable(problem)}; the table is that of ${age(staleSeconds * 1000)}`;
  return staleSeconds === 0 ? where : `${where}; the table is that of ${age(staleSeconds * 1000)}`;
}

/** When they are answered, and who holds them up. */
function answeredText(fleet: Fleet, servedHere: number): string {
  if (fleet.ack === 'own') return 'answered when this replica serves them (ack own)';
  const newest = newestOf(fleet);
  const late = fleet.replicas.filter((one) => isLate(one, one.self ? servedHere : one.served, newest));
  const held = late.length === 0 ? '' : `; held up by ${late.map(({ name }) => printable(name)).join(', ')}`;
  const alone = fleet.lease ? '' : '; the others do not wait for this one';
  return `answered when all replicas serve them${held}${alone}`;
}

/** Generations are compared as they were read together: that of this replica alone is newer than what it knows of the others. */
function newestOf({ replicas }: Fleet): number {
  return Math.max(...replicas.map(({ served }) => served));
}

function isLate({ awaited }: Replica, served: number, newest: number): boolean {
  return awaited && served < newest;
}

/** Numbers of generations are times in ms. */
function tableText(one: Replica, { ack }: Fleet, served: number, newest: number): string {
  if (one.state === 'joining' && served <= 0) return 'loads it';
  if (served >= newest) return 'current';
  const older = served <= 0 ? 'serves none' : `${seconds((newest - served) / 1000)} older`;
  return ack === 'all' && isLate(one, served, newest) ? `${older}, changes wait for it` : older;
}

function leaseText({ leaseSeconds }: Replica): string {
  return leaseSeconds > 0 ? `${seconds(leaseSeconds)} left` : `ended ${age(-leaseSeconds * 1000)}`;
}

function seconds(value: number): string {
  return value < 60 ? `${Math.ceil(value * 10) / 10}s` : age(value * 1000).replace(/ ago$/, '');
}
