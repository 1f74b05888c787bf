import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BACKSLASHED, DOTTED, ODD } from '../../../src/proxies/traefik/odd-path.ts';

const matches = (expressions: readonly string[], path: string) =>
  expressions.some((expression) => new RegExp(expression).test(path));

const path = fc
  .array(fc.constantFrom('/', '.', '\\', 'a', '..', '/../', '\\.'), { maxLength: 8 })
  .map((parts) => `/${parts.join('')}`);

test('whatever has dot segments or backslashes beside dots is looked at more closely', () => {
  fc.assert(
    fc.property(path, (path) => {
      if (matches([...DOTTED, ...BACKSLASHED], path)) expect(matches(ODD, path)).toBe(true);
    }),
    { numRuns: 5_000 },
  );
});

test('what is refused for its backslashes is what a browser would read as dot segments', () => {
  const asOne = /[/\\]\.{1,2}\\|\\\.{1,2}(?:[/\\]|$)|\\[\s\S]*\/\.\.(?:\/|$)/;
  fc.assert(
    fc.property(path, (path) => {
      expect(matches(BACKSLASHED, path)).toBe(asOne.test(path));
    }),
    { numRuns: 5_000 },
  );
});
