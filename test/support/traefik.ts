import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const path = resolve(import.meta.dirname, '../../.tools/traefik/traefik');

export interface TestTraefik {
  readonly path: string;
  readonly version: string;
}

/** The Traefik of the tests; undefined when there is none. */
export const testTraefik: TestTraefik | undefined = existsSync(path) ? { path, version: '3.7' } : undefined;

/** Why there is none, in one line; empty when there is one. */
export const missingTraefik = testTraefik ? '' : 'no Traefik: not fetched yet';
