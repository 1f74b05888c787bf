import { pino } from 'pino';
import { expect, it } from 'vitest';
import { buildApi } from '../../../src/api/build.ts';
import { Events } from '../../../src/observe/events.ts';
import { openSqlite } from '../../../src/store/sqlite.ts';
import { makeTempDir } from '../../support/tmp.ts';
import { makeLoop } from '../reconcile/fake-driver.ts';
import { trafficScene } from '../traffic/scene.ts';
import { REPORT } from './harness.ts';

const log = pino({ enabled: false });

it('a PUT of 100,000 routes leaves other requests their turn while it is read, checked and stored', async () => {
  const disk = await openSqlite({ dir: makeTempDir(), log });
  const { writer, table, reconciler } = await makeLoop({ disk, applyTimeoutMs: 60_000 });
  reconciler.start();
  const app = buildApi({
    version: '1.2.3',
    table,
    namespaces: [],
    changes: writer,
    fresh: async () => 0,
    config: { token: undefined, hostRouting: false },
    status: {
      report: () => REPORT,
      generation: () => REPORT.generation,
      notReady: () => undefined,
      lease: () => undefined,
    },
    metrics: { countChange() {}, render: async () => ({ contentType: '', text: '' }) },
    stats: () => undefined,
    events: new Events(),
    verify: async () => {},
    history: trafficScene(table).history,
    log,
  });
  const routes = Object.fromEntries(
    Array.from({ length: 100_000 }, (_, i) => [
      `/user/u${i}`,
      { target: `http://10.${i >> 16}.${(i >> 8) & 255}.${i & 255}:8888` },
    ]),
  );
  let done = false;
  const put = app.inject({ method: 'PUT', url: '/api/routes', payload: routes }).finally(() => {
    done = true;
  });
  let answered = 0;
  for (; !done; answered++) {
    expect((await app.inject('/api/routes/user/nobody')).statusCode).toBe(404);
    // One for each slice.
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect((await put).json()).toMatchObject({ added: 100_000, removed: 0 });
  expect(answered).toBeGreaterThan(20);
  await reconciler.stop();
  await disk.close();
}, 60_000);
