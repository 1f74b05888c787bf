import { describeError } from '../../errors.ts';
import type { CheckId } from './catalogue.ts';
import type { Finding } from './check.ts';
import { CHECKS } from './checks.ts';
import type { Scene } from './scene.ts';

/** A finding under the id of its check: what `--json` prints. */
export interface Examined extends Finding {
  readonly id: CheckId;
}

/** Runs the checks, one after the other: some send requests, and none shall see those of another. */
export async function examine(ids: readonly CheckId[], scene: Scene): Promise<Examined[]> {
  const found: Examined[] = [];
  for (const id of ids) {
    try {
      found.push({ id, ...(await CHECKS[id](scene)) });
    } catch (error) {
      found.push({ id, result: 'skipped', message: `it could not be looked at: ${describeError(error)}` });
    }
  }
  return found;
}
