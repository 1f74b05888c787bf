import type { TestProject } from 'vitest/node';
import { missing } from './engine.ts';
import { buildImage } from './image.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the images could not be built; empty when they were. */
    imagesFailed: string;
  }
}

/**
 * Set-up of vitest for the tests of docker/: once for all files, one after the other, since they share their first layers. A
 * failure is those tests', not everybody's.
 */
export default async function buildImages({ provide }: TestProject): Promise<void> {
  const bases = {
    sidecar: [],
    nginx: [],
    traefik: ['traefik:v3.7'],
    hub: ['quay.io/jupyterhub/jupyterhub:5'],
  } as const;
  let failed = '';
  try {
    for (const image of ['sidecar', 'nginx', 'traefik', 'hub'] as const) {
      if (missing(bases[image]) === undefined) await buildImage(image);
    }
  } catch (error) {
    failed = String(error);
  }
  provide('imagesFailed', failed);
}
