import { statSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../errors.ts';
import { closedFiles } from '../../../proxies/traefik/closed-files.ts';
import { type OwnRouter, ownRouters } from '../../../proxies/traefik/traefik-api.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

const LEFT_OUT =
  'Mend what traefik-middlewares, traefik-rule, traefik-tls-options and the like name, or the template; Signalbox notices by itself.';

/** Does Traefik watch the folder that our file is in, and serve all of it? */
export async function traefikFolder({ api, config }: Scene): Promise<Finding> {
  const { driver, managed, traefikDir = '', traefikPrefix, traefikApi } = config;
  if (driver !== 'traefik' || managed) return skipped('only for a Traefik that someone else runs');
  const file = join(traefikDir, `${traefikPrefix}.yml`);
  if (statSync(file, { throwIfNoEntry: false }) === undefined) {
    return fail(`${file} is not there`, 'Signalbox writes it: does it run, and may it write there?');
  }
  const closed = closedFiles(traefikDir);
  const unread = closed.length === 0 ? '' : `, and not every user may read ${closed.join(', ')}`;
  if (traefikApi === undefined) {
    const ready = 'failure' in api || api.readiness.ready;
    if (ready || unread === '') return skipped('Traefik can not be asked: there is no traefik-api');
    return fail(`Traefik does not serve what is in ${traefikDir}${unread}`, MODES);
  }
  try {
    const leftOut = await ownRouters(traefikApi, config, 'disabled');
    if (leftOut.length > 0) return fail(`Traefik has left out ${listed(leftOut)}`, LEFT_OUT);
    const partly = await ownRouters(traefikApi, config, 'warning');
    if (partly.length > 0) return warn(`Traefik complains of ${listed(partly)}`, LEFT_OUT);
    if ((await ownRouters(traefikApi, config, 'enabled')).length > 0) return ok(`Traefik has read ${file}`);
    return fail(`Traefik has no routers of ${file}${unread}`, unread === '' ? otherFolder(traefikDir) : MODES);
  } catch (error) {
    return fail(
      `Traefik's API does not answer at ${traefikApi}: ${describeError(error)}`,
      'Say where it is with traefik-api.',
    );
  }
}

const MODES =
  'Traefik takes nothing of the folder when it may not read one file in it: chmod o+r, or traefik-file-mode for ours.';

function otherFolder(traefikDir: string): string {
  return `Its providers.file.directory must be ${traefikDir}, with watch: true, and the same folder as ours; when another file there is broken, or it could not watch the folder at its start, its log tells. Over NFS and some volumes of Docker Desktop changes are not announced.`;
}

/** The first of them. */
function listed(routers: readonly OwnRouter[]): string {
  const [first, ...more] = routers;
  return `${first?.name} (${first?.errors.join(', ')})${more.length === 0 ? '' : ` and ${more.length} more`}`;
}
