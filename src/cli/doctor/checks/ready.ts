import { type Check, fail, ok, skipped } from '../check.ts';

/** Does the proxy serve the newest table? */
export const ready: Check = {
  id: 'ready',

  run({ api }) {
    if ('failure' in api) return skipped('the API does not answer');
    const { readiness, report } = api;
    if (!readiness.ready) {
      return fail(readiness.reason ?? 'not ready', 'The findings below, and the log of Signalbox, say what to do.');
    }
    const { served } = report.generation;
    if (report.lastError === null) return ok(`generation ${served} is served`);
    const { time, message } = report.lastError;
    return ok(`generation ${served} is served; the last error has passed (${time}: ${message})`);
  },
};
