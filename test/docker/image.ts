import { join, resolve } from 'node:path';
import { GenericContainer } from 'testcontainers';

export const ROOT = resolve(import.meta.dirname, '../..');

/** The images of this clone, built at the start of the run (build-images.ts). */
export const IMAGES = {
  sidecar: 'signalbox-test:sidecar',
  nginx: 'signalbox-test:nginx',
  traefik: 'signalbox-test:traefik',
  hub: 'signalbox-test:hub',
} as const;

/** Builds one of them from the Dockerfiles of docker/; quick when nothing has changed. */
export async function buildImage(image: keyof typeof IMAGES): Promise<void> {
  const build =
    image === 'hub'
      ? GenericContainer.fromDockerfile(join(ROOT, 'docker/jupyterhub'))
      : GenericContainer.fromDockerfile(ROOT, 'docker/Dockerfile').withTarget(image);
  // Kept, for the next run is quicker by what it shares with this one.
  await build.build(IMAGES[image], { deleteOnExit: false });
}
