import { expect, it } from 'vitest';
import { maskTarget } from '../../../src/routes/mask.ts';

it.each([
  'http://127.0.0.1:8888',
  'HTTPS://Hub.Example:443/a b/%2f',
  'http+unix://%2Frun%2Fjupyter.sock',
  'http://[::1]:1/x#y',
  'nonsense',
  '',
])('a target without secrets is shown as it was given: %s', (target) => {
  expect(maskTarget(target)).toBe(target);
});

it.each([
  ['http://me:s3cret@h:1/x?token=s3cret', 'http://h:1/x?…'],
  ['http://s3cret@h:1', 'http://h:1/'],
  ['http://h:1/x?s3cret#s3cret', 'http://h:1/x?…'],
  ['http+unix://me:s3cret@%2Frun%2Fx/?s3cret', 'http+unix://%2Frun%2Fx/?…'],
  // As URL parsers take them.
  ['http:\\\\me:s3cret@h/x', 'http://h/x'],
  [' http:me:s3cret@h', 'http://h/'],
  ['ht\ttp://me:s3c\nret@h', 'http://h/'],
  ['http://me:s3@cret@h', 'http://h/'],
  ['data:me:s3cret@h', 'data:…'],
  ['http://me:s3cret@h:port/x@y?s3cret', '…@y?…'],
  ['//me:s3cret\n@h?s3cret', '…@h?…'],
])('secrets are left out of %j', (target, shown) => {
  expect(maskTarget(target)).toBe(shown);
});
