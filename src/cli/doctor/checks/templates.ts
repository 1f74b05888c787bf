import { offlineProxy } from '../../../proxies/offline.ts';
import { oddFolder } from '../../../render/odd-folder.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Was the user's folder of templates refused? */
export function templates({ api, config }: Scene): Finding {
  if (config.templates === undefined) return skipped('there is no folder of your own (templates)');
  if ('failure' in api) return skipped('the API does not answer');
  const { own, error } = api.report.templates;
  const { catalogue } = offlineProxy(config.driver);
  const odd = error === null ? oddFolder(config.templates, catalogue) : undefined;
  if (odd !== undefined) return warn(odd, 'Move the files, or name the folder that has them with --templates.');
  if (error === null)
    return ok(own.length === 0 ? `${config.templates} replaces nothing yet` : `in use: ${own.join(', ')}`);
  return fail(
    `refused, the last good ones are in use: ${error.message}`,
    'Mend the file; it is tried again as soon as it is saved. signalbox check tries it without a daemon.',
  );
}
