import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Does the proxy serve the newest table? */
export function ready({ api }: Scene): Finding {
  if ('failure' in api) return skipped('the API does not answer');
  const { readiness, report } = api;
  if (!readiness.ready) {
    return fail(readiness.reason ?? 'not ready', 'The findings below, and the log of Signalbox, say what to do.');
  }
  const [refused] = report.refused;
  if (refused !== undefined) {
    const count = report.refused.length === 1 ? 'one route' : `${report.refused.length} routes`;
    return warn(
      `the proxy refuses ${count} and serves the others: ${refused.key}: ${refused.reason}`,
      'Mend what the reason names, most often a template of yours. GET /status lists them all.',
    );
  }
  const { served } = report.generation;
  if (report.lastError === null) return ok(`generation ${served} is served`);
  const { time, message } = report.lastError;
  return ok(`generation ${served} is served; the last error has passed (${time}: ${message})`);
}
