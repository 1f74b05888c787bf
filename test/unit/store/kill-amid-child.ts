// Stores a small table, then a large one, and kills itself after so many turns of the loop; kill.test.ts looks at what is left.
import { pino } from 'pino';
import { openSqliteStore } from '../../../src/store/sqlite.ts';
import { numbered } from './numbered.ts';

const [, , dir = '', turns = ''] = process.argv;
const store = await openSqliteStore({ dir, log: pino({ enabled: false }) });
await store.commit({ generation: 1, replace: true, set: numbered(10, 'old'), remove: [] });
const large = { generation: 2, replace: true, set: numbered(60_000, 'new'), remove: [] };
let left = Number(turns);
const turn = () => {
  if (left-- === 0) process.kill(process.pid, 'SIGKILL');
  setImmediate(turn);
};
turn();
await store.commit(large);
