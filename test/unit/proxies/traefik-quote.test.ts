import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { quoteRegexp, quoteRule, quoteYaml, TRAEFIK_FILTERS } from '../../../src/proxies/traefik/quote.ts';

const text = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'`"\'\\{}$|()\n\r\t#: @é🚂\u2028\u007f'),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});

/** What Go's strconv.Unquote makes of a literal. */
function unquoteGo(literal: string): string {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner;
  return inner.replace(/\\x(..)|\\u(....)|\\U(.{8})/g, (_, x, u, U) =>
    String.fromCodePoint(Number.parseInt(x ?? u ?? U, 16)),
  );
}

test('any text comes back out of YAML as it was', () => {
  fc.assert(fc.property(text, (value) => void expect(parse(quoteYaml(value))).toBe(value.toWellFormed())));
});

test('any text comes back out of a string of a rule as it was', () => {
  fc.assert(fc.property(text, (value) => void expect(unquoteGo(quoteRule(value))).toBe(value.toWellFormed())));
});

test('what is quoted is printable ASCII, without an action of a Go template', () => {
  fc.assert(
    fc.property(text, (value) => {
      const quoted = quoteYaml(quoteRule(value));
      expect(quoted).toMatch(/^[ -~]*$/);
      expect(quoted).not.toContain('{{');
    }),
  );
});

test('a backtick or a quote ends no string of a rule', () => {
  expect(quoteRule('a`) || PathPrefix(`/')).toBe('"a\\x60) || PathPrefix(\\x60/"');
  expect(quoteRule('a") || PathPrefix("/')).toBe('`a") || PathPrefix("/`');
  expect(quoteRule('a`"b')).toBe('"a\\x60\\x22b"');
});

test('a regular expression matches the text alone', () => {
  fc.assert(
    fc.property(text, (value) => {
      expect(new RegExp(`^${quoteRegexp(value.toWellFormed())}$`, 'u').test(value.toWellFormed())).toBe(true);
    }),
  );
  expect(quoteRegexp('a.*|(b')).toBe('a\\x2e\\x2a\\x7c\\x28b');
});

test('templates quote a text and a list of them', () => {
  expect(TRAEFIK_FILTERS.yaml?.('{{ x }}')).toBe('"\\u007b\\u007b x }}"');
  expect(TRAEFIK_FILTERS.yaml?.(['a', 'b"'])).toBe('["a", "b\\""]');
});
