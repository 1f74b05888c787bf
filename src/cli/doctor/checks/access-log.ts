import { accessSync, constants, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Config } from '../../../config/schema.ts';
import { describeError } from '../../../errors.ts';
import { nginxPaths } from '../../../proxies/nginx/settings.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import { askPublic } from '../public-side.ts';
import type { Scene } from '../scene.ts';

/** Our log format is flushed within a second; a machine under load takes longer. */
const PATIENCE_MS = 4_000;
const LOOK_MS = 100;

/** Does what the proxy does arrive in the log that Signalbox reads? */
export async function accessLog({ config }: Scene): Promise<Finding> {
  if (!config.activity) return skipped('activity is off');
  const path = logPath(config);
  if (path === undefined) {
    return warn(
      'there is no access log of Traefik to read: last_activity only knows open connections',
      'Name it with traefik-access-log.',
    );
  }
  const before = statSync(path, { throwIfNoEntry: false });
  if (before !== undefined && !before.isFile()) return fail(`${path} is not a file`, 'Move it away.');
  try {
    if (before !== undefined) accessSync(path, constants.R_OK);
  } catch (error) {
    return fail(`${path} can't be read: ${describeError(error)}`, 'Let the user that Signalbox runs as read it.');
  }
  if ((await askPublic(config, '/signalbox-doctor')) === undefined) {
    return skipped('the public side does not answer, so nothing is logged');
  }
  if (await hasMoved(path, before)) return ok(`a request to the public side arrived in ${path}`);
  return fail(
    `a request to the public side did not arrive in ${path}`,
    'The proxy writes to another file: a log that was moved away or deleted (have the proxy open its logs anew: nginx -s reopen), the same path of another mount, or another include than ours.',
  );
}

async function hasMoved(path: string, before: { size: number; ino: number } | undefined): Promise<boolean> {
  for (const deadline = Date.now() + PATIENCE_MS; Date.now() < deadline; await sleep(LOOK_MS)) {
    const now = statSync(path, { throwIfNoEntry: false });
    if (
      now !== undefined &&
      (before === undefined ? now.size > 0 : now.size !== before.size || now.ino !== before.ino)
    ) {
      return true;
    }
  }
  return false;
}

function logPath({ driver, managed, stateDir, traefikAccessLog }: Config): string | undefined {
  if (driver === 'nginx') return nginxPaths(stateDir).accessLog;
  return managed ? `${stateDir}/traefik/access.log` : traefikAccessLog;
}
