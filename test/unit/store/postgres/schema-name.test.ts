import { expect, it } from 'vitest';
import { checkSchemaName } from '../../../../src/store/postgres/schema-name.ts';

it.each(['signalbox', '_a1', 'user', 'a'.repeat(26)])('%s can be the name of a schema', (name) => {
  expect(checkSchemaName(name)).toBe(name);
});

it.each(['', 'Signalbox', '1a', 'a-b', 'a"b', 'a b', "a'", 'pg_x', 'a.b', 'é', 'a'.repeat(27), 'a\n'])(
  '%j can not',
  (name) => {
    expect(() => checkSchemaName(name)).toThrow(/database-schema is ".*": want small letters/);
  },
);
