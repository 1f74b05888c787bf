import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseObject } from '../../../src/api/parse-object.ts';

/** What JSON.parse makes of it; undefined for what is no object. */
function expected(text: string): unknown {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? new Map(Object.entries(value))
      : undefined;
  } catch {
    return undefined;
  }
}

// Names that are numbers change their place in an object.
const sorted = (members: unknown) =>
  members instanceof Map ? [...members].sort(([a], [b]) => (a < b ? -1 : 1)) : members;

it('gives what JSON.parse gives, whatever is in the object', async () => {
  const objects = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue());
  await fc.assert(
    fc.asyncProperty(objects, fc.constantFrom(undefined, 1, '\t\r\n '), async (object, space) => {
      const text = JSON.stringify(object, null, space);
      expect(sorted(await parseObject(text))).toEqual(sorted(expected(text)));
    }),
  );
});

it('takes and refuses what JSON.parse does when a text is broken somewhere', async () => {
  const text = '{"/a\\"\\\\": {"target": "x", "list": [1, {"b": "]}"}, null]}, "/b" : -1.5e3 ,"__proto__":true}';
  const pieces = fc.constantFrom('', '"', '\\', ',', ':', '{', '}', '[', ']', ' ', '\u00a0', '1', 'null', 'x');
  await fc.assert(
    fc.asyncProperty(fc.nat(text.length), fc.nat(3), pieces, async (at, cut, piece) => {
      const broken = text.slice(0, at) + piece + text.slice(at + cut);
      expect(sorted(await parseObject(broken)), broken).toEqual(sorted(expected(broken)));
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['{"a":1,"b":2,"a":3}', { a: 3, b: 2 }],
  [' {} ', {}],
])('of members with one name the last one counts: %s', async (text, members) => {
  expect(await parseObject(text)).toEqual(new Map(Object.entries(members)));
});
