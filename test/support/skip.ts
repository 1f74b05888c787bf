import { describe } from 'vitest';

/**
 * A suite that needs something which may be missing. The reason stands in the name of what was skipped, so that it shows
 * in every report.
 */
export function describeIf(condition: unknown, reason: string, name: string, body: () => void): void {
  if (condition) describe(name, body);
  else describe.skip(`${name} [${reason}]`, body);
}
