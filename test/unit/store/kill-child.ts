// Commits without end and prints each generation once it is acknowledged; kill.test.ts kills it.

import { writeSync } from 'node:fs';
import { pino } from 'pino';
import { makeRoute } from '../../../src/routes/route.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { adding } from '../../support/adding.ts';

const store = await openSqlite({ dir: process.argv[2] as string, log: pino({ enabled: false }) });
for (let generation = (await store.load()).generation + 1; ; generation++) {
  const set = ['a', 'b', 'c'].map((part) => ({
    route: makeRoute(`/${generation}/${part}`, { target: 'http://h', filler: 'x'.repeat(generation % 3_000) }),
    lastActivity: generation,
  }));
  await store.write({ ...adding(generation, ...set), removed: [`/${generation - 200}/a`] });
  writeSync(1, `${generation}\n`);
}
