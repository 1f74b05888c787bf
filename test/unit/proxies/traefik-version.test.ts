import { expect, test } from 'vitest';
import {
  canChooseErrorHeaders,
  hasLayers,
  hasServiceMiddlewares,
  knowsEncodedCharacters,
} from '../../../src/proxies/traefik/version.ts';
import { parseVersion } from '../../../src/proxies/version.ts';

test.each([
  ['3.5.3', [false, false, false, false]],
  ['3.6.0', [false, false, false, false]],
  ['3.6.2', [true, false, false, false]],
  ['3.6.4', [true, true, false, false]],
  ['3.6.15', [true, true, true, false]],
  ['3.7.0', [true, true, true, true]],
  ['4.0.0', [true, true, true, true]],
  ['v3.7.0-rc.1', [true, true, true, true]],
  ['dev', [true, true, true, false]],
])('Traefik %s gets what it knows', (text, known) => {
  const version = parseVersion(text);
  expect([
    hasLayers(version),
    knowsEncodedCharacters(version),
    canChooseErrorHeaders(version),
    hasServiceMiddlewares(version),
  ]).toEqual(known);
});
