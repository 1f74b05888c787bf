import { describeError } from '../../errors.ts';
import type { CheckId } from './catalogue.ts';
import type { Check, Finding } from './check.ts';
import type { Scene } from './scene.ts';

/** A finding under the id of its check: what `--json` prints. */
export interface Examined extends Finding {
  readonly id: CheckId;
}

/** Runs the checks, one after the other: some send requests, and none shall see those of another. */
export async function examine(checks: readonly Check[], scene: Scene): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const { id, run } of checks) {
    try {
      found.push({ id, ...(await run(scene)) });
    } catch (error) {
      found.push({ id, result: 'skipped', message: `it could not be looked at: ${describeError(error)}` });
    }
  }
  return found;
}
