import { expect, test } from 'vitest';
import { parseHeaders } from '../../../src/config/headers.ts';
import { headerAliases } from '../../../src/proxies/header-aliases.ts';

const aliases = (names: readonly string[], xForward: boolean) =>
  headerAliases({ customHeader: names.map((name) => ({ name, value: 'x' })), xForward });

test('all spellings with underscores of what the proxy sets, but not the name itself', () => {
  expect(aliases(['X-Auth-User', 'Plain', 'under_score'], false)).toEqual([
    'content_length',
    'transfer_encoding',
    'under-score',
    'x-auth_user',
    'x_auth-user',
    'x_auth_user',
  ]);
  expect(aliases([], true)).toHaveLength(2 + 4 * 3);
});

test('a spelling that is a custom header itself is not taken out', () => {
  expect(aliases(['X-A', 'X_A'], false)).toEqual(['content_length', 'transfer_encoding']);
  expect(aliases(['X_Forwarded-For'], true)).not.toContain('x_forwarded-for');
});

test('a name with so many dashes that its spellings are countless is refused', () => {
  expect(parseHeaders('X-1-2-3-4-5-6-7-8: x')).toHaveLength(1);
  expect(parseHeaders('X-1-2-3-4-5-6-7-8-9: x')).toBeUndefined();
});
