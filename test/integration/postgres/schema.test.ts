import { expect, test } from 'vitest';
import { anyNginx, missingNginx } from '../../support/nginx.ts';
import { describeAnyPostgres, startPostgres } from '../../support/postgres.ts';
import { anyProxy } from '../../support/proxies.ts';
import { startSignalbox } from '../../support/signalbox.ts';
import { testIf } from '../../support/skip.ts';
import { runCli } from '../cli/run-cli.ts';

describeAnyPostgres('a database that its owner migrates', () => {
  testIf(anyNginx, missingNginx)('what schema prints is enough for a role that owns nothing', async () => {
    const postgres = await startPostgres();
    const { out } = await runCli(['schema', '--database-schema', 'hub'], {});
    await postgres.query(`CREATE ROLE box LOGIN; ${out}`);
    const grants = out.match(/^-- (GRANT .*) TO \.\.\.;$/gm) ?? [];
    for (const grant of grants) await postgres.query(grant.replace('-- ', '').replace('...', 'box'));

    const signalbox = await startSignalbox({
      proxy: anyProxy(),
      args: ['--database-schema', 'hub', '--no-database-migrate', '--leave-time', '0s'],
      env: { SIGNALBOX_DATABASE: postgres.url.replace('postgres@', 'box@') },
    });
    await signalbox.add('/user/ada', 'http://127.0.0.1:9');
    expect(await postgres.query('SELECT key FROM hub.routes')).toEqual([{ key: '/user/ada' }]);
    await signalbox.remove('/user/ada');
  });

  test('it can be run again from the version that is there', async () => {
    const postgres = await startPostgres();
    await postgres.query((await runCli(['schema'], {})).out);
    const [before] = await postgres.query('SELECT * FROM signalbox.meta');
    await postgres.query((await runCli(['schema', '--from', `${before?.schema}`], {})).out);
    expect(await postgres.query('SELECT * FROM signalbox.meta')).toEqual([before]);
  });
});
