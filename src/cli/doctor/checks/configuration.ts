import { type Finding, ok, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Is there something in the configuration that has no effect? */
export function configuration({ warnings }: Scene): Finding {
  if (warnings.length === 0) return ok('it can be read');
  return warn(warnings.join('; '), 'Do as it says, and take out what has no effect: it may not be what was meant.');
}
