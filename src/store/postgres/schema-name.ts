import { SignalboxError } from '../../errors.ts';

/** Channels are named `SCHEMA:` and 36 characters, and a channel's name has 63 at most. */
const LONGEST = 26;

/** Throws BAD_CONFIG for what can't be the schema's name: it goes into statements as it is. */
export function checkSchemaName(name: string): string {
  if (name.length <= LONGEST && /^[a-z_][a-z0-9_]*$/.test(name) && !name.startsWith('pg_')) return name;
  const want = `want small letters, digits and _, not a digit at the front, ${LONGEST} characters at most, and not pg_ as its beginning`;
  throw new SignalboxError('BAD_CONFIG', `database-schema is ${JSON.stringify(name)}: ${want}`, {
    hint: 'Without the setting it is "signalbox".',
  });
}
