import pg from 'pg';
import { quantile } from '../report/quantile.ts';

const TIMES = 30;

/** The median time of a statement that does nothing, ms: what a cable really takes, and PostgreSQL with it. */
export async function roundTrip(port: number): Promise<number> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', ssl: false });
  await client.connect();
  const times: number[] = [];
  for (let n = 0; n < TIMES; n++) {
    const since = performance.now();
    await client.query('SELECT 1');
    times.push(performance.now() - since);
  }
  await client.end();
  return quantile(times, 0.5);
}
