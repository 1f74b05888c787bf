import { expectTypeOf, it } from 'vitest';
import type { Config } from '../../../src/config/schema.ts';
import type { HostPort } from '../../../src/system/address.ts';

it('Config has the parsed types of the schema, absent-ness included', () => {
  expectTypeOf<Config['public']>().toEqualTypeOf<HostPort>();
  expectTypeOf<Config['stateDir']>().toEqualTypeOf<string>();
  expectTypeOf<Config['tokenFile']>().toEqualTypeOf<string | undefined>();
  expectTypeOf<Config['driver']>().toEqualTypeOf<'nginx' | 'traefik'>();
  expectTypeOf<Config['applyTimeout']>().toEqualTypeOf<number>();
  expectTypeOf<Config['insecureNoToken']>().toEqualTypeOf<boolean>();
  expectTypeOf<Config['token']>().toEqualTypeOf<string | undefined>();
});
