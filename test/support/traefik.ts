import { ensureTraefik } from '../../scripts/setup.mjs';

export interface TestTraefik {
  readonly path: string;
  readonly version: string;
}

const { traefik, reason } = await discover();

/** The Traefik of the tests; undefined when there is none. */
export const testTraefik: TestTraefik | undefined = traefik;

/** Why there is none, in one line; empty when there is one. */
export const missingTraefik = traefik ? '' : `no Traefik: ${reason}`;

/** `npm test` fetches one and says which; a test file run alone takes what is on the machine already. */
async function discover(): Promise<{ traefik?: TestTraefik; reason: string }> {
  const given = process.env.SIGNALBOX_TEST_TRAEFIK;
  return given ? JSON.parse(given) : ensureTraefik({ fetch: false });
}
