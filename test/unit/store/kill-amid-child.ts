// Stores a small table, then a large one, and kills itself after so many turns of the loop; kill.test.ts looks at what is left.

import { pino } from 'pino';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { adding } from '../../support/adding.ts';
import { numbered } from './numbered.ts';

const [, , dir = '', turns = ''] = process.argv;
const store = await openSqlite({ dir, log: pino({ enabled: false }) });
await store.write(adding(1, ...numbered(10, 'old')));
const large = { ...adding(2), changed: numbered(60_000, 'new') };
let left = Number(turns);
const turn = () => {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
  setImmediate(turn);
};
turn();
await store.write(large);
