import { type Check, fail, ok, skipped } from '../check.ts';

/** Was the user's folder of templates refused? */
export const templates: Check = {
  id: 'templates',

  run({ api, config }) {
    if (config.templates === undefined) return skipped('there is no folder of your own (templates)');
    if ('failure' in api) return skipped('the API does not answer');
    const { own, error } = api.report.templates;
    if (error === null)
      return ok(own.length === 0 ? `${config.templates} replaces nothing yet` : `in use: ${own.join(', ')}`);
    return fail(
      `refused, the last good ones are in use: ${error.message}`,
      'Mend the file; it is tried again as soon as it is saved. signalbox check tries it without a daemon.',
    );
  },
};
