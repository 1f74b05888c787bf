import { expect, it } from 'vitest';
import { SCHEMA_VERSION, schemaSql } from '../../../src/store/postgres/migrations.ts';
import { runCli } from '../../integration/cli/run-cli.ts';

// What it prints is run in test/integration/postgres/schema.test.ts.
it('schema prints the tables for the configured name', async () => {
  const done = { code: 0, err: '', out: schemaSql('signalbox') };
  expect(await runCli(['schema'], {})).toEqual(done);
  const named = { ...done, out: schemaSql('hub') };
  expect(named.out).toContain('CREATE TABLE "hub".routes');
  expect(await runCli(['schema', '--database-schema', 'hub'], {})).toEqual(named);
  expect(await runCli(['schema'], { SIGNALBOX_DATABASE_SCHEMA: 'hub', SIGNALBOX_API: 'nonsense' })).toEqual(named);
});

it('schema prints what is missing since a version', async () => {
  const { out } = await runCli(['schema', '--from', `${SCHEMA_VERSION}`], {});
  expect(out).not.toContain('CREATE');
});

it.each([
  ['--from', `${SCHEMA_VERSION + 1}`, /--from: found "\d+", want a version from 0 to \d+/],
  ['--from', '-1', /--from: found "-1"/],
  ['--database-schema', 'a"; DROP', /--database-schema: found .* want lower-case letters/],
])('schema %s %s is a mistake', async (flag, value, message) => {
  expect(await runCli(['schema', `${flag}=${value}`], {})).toMatchObject({
    code: 2,
    out: '',
    err: expect.stringMatching(message),
  });
});
