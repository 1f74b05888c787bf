import { renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Owner } from '../../system/files.ts';
import { MARKER_HEADER, markerPath, STARTING } from './marker.ts';
import { moveInto } from './move-into.ts';

/**
 * Traefik listens before it has read its folder, and answers 404 until it has built all routers, which takes long when there are
 * many. A notebook would conclude from a 404 that its server has ended. So at its start Traefik reads this file, which answers
 * 503 to everything, and gets the routes once it serves that.
 */
function startingFile(token: string): string {
  return JSON.stringify({
    http: {
      routers: {
        'signalbox-generation': {
          rule: `Path(\`${markerPath(token)}\`)`,
          entryPoints: ['private'],
          middlewares: ['signalbox-generation'],
          service: 'noop@internal',
        },
        'signalbox-starting': {
          rule: 'PathPrefix(`/`)',
          priority: 1,
          middlewares: ['signalbox-starting'],
          service: 'signalbox-nobody',
        },
      },
      middlewares: {
        'signalbox-generation': { headers: { customResponseHeaders: { [MARKER_HEADER]: STARTING } } },
        'signalbox-starting': { headers: { customResponseHeaders: { 'Retry-After': '1' } } },
      },
      services: { 'signalbox-nobody': { loadBalancer: { servers: [] } } },
    },
  });
}

/** Puts that file in place of the routes. Returns what puts the routes back; undefined when the disk is too full to do it. */
export function holdBack(
  path: string,
  token: string,
  staging: string,
  owner: Owner | undefined,
): (() => void) | undefined {
  const aside = join(staging, 'held-back');
  try {
    renameSync(path, aside);
  } catch {
    return undefined;
  }
  const putBack = () => renameSync(aside, path);
  try {
    moveInto(path, startingFile(token), staging, 0o600, owner);
    return putBack;
  } catch {
    putBack();
    return undefined;
  }
}
