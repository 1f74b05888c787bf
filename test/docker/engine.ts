import { type Docker, ensureDocker } from '../../scripts/setup/docker.mjs';

/** `npm test` and `npm run test:docker` say what there is; a test file run alone takes what is on the machine already. */
const found: Docker = process.env.SIGNALBOX_TEST_DOCKER
  ? JSON.parse(process.env.SIGNALBOX_TEST_DOCKER)
  : await ensureDocker({ fetch: false, progress: () => {} });

// testcontainers and what it starts read these from the environment. Its own reaper is an image that may not be here.
Object.assign(process.env, found.env, { TESTCONTAINERS_RYUK_DISABLED: 'true' });

/** Why there is no engine, no compose, or not all of these base images; undefined when all is there. */
export function missing(images: readonly string[]): string | undefined {
  if (found.engine === undefined) return found.reason;
  const bases = ['debian:bookworm-slim', 'node:24-bookworm-slim', ...images];
  const absent = bases.find((image) => found.missing?.[image] !== undefined);
  return absent === undefined ? found.noCompose : `${absent}: ${found.missing?.[absent]}`;
}
