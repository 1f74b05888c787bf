import { resolve } from 'node:path';
import { GenericContainer } from 'testcontainers';

export const ROOT = resolve(import.meta.dirname, '../..');

/** Builds a target of docker/Dockerfile from this clone; quick when nothing has changed. Gives back the image's name. */
export async function buildImage(target: string): Promise<string> {
  const name = `signalbox-test:${target}`;
  // Kept, for the next run is quicker by what it shares with this one.
  await GenericContainer.fromDockerfile(ROOT, 'docker/Dockerfile')
    .withTarget(target)
    .build(name, { deleteOnExit: false });
  return name;
}
