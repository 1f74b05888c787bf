import { beforeAll, describe, inject } from 'vitest';
import { describeIf } from '../support/skip.ts';
import { missing } from './engine.ts';

/** A suite that needs the engine, compose, and these base images; where one is missing it is skipped and says which. */
export function describeDocker(name: string, images: readonly string[], body: () => void): void {
  const reason = missing(images);
  if (reason !== undefined) {
    describeIf(false, reason, name, body);
    return;
  }
  describe(name, () => {
    beforeAll(() => {
      const failure = inject('imagesFailed');
      if (failure !== '') throw new Error(`the images could not be built: ${failure}`);
    });
    body();
  });
}
