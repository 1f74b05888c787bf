import { readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describeError } from '../../../errors.ts';
import { Control, type Served } from '../../../proxies/nginx/control.ts';
import { nginxPaths } from '../../../proxies/nginx/settings.ts';
import { type Finding, fail, ok, skipped } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Does the nginx that runs have our configuration, the newest, and does it see our folder? */
export async function controlSocket(scene: Scene): Promise<Finding> {
  const { config } = scene;
  if (config.driver !== 'nginx') return skipped('the proxy is not nginx');
  const { dir, controlSocket: path } = nginxPaths(config.stateDir);
  const control = new Control(path);
  const wanted = 'failure' in scene.api ? 0 : scene.api.report.generation.served;
  try {
    return judge(await control.servedAfresh(Math.max(wanted, 0)), wanted, dir);
  } catch (error) {
    return fail(`nginx does not answer on ${path}: ${describeError(error)}`, noAnswer(error, config.managed, dir));
  } finally {
    control.close();
  }
}

function judge({ digest, generation }: Served, wanted: number, dir: string): Finding {
  const inPlace = digestInPlace(dir);
  if (inPlace !== undefined && inPlace !== digest) {
    return fail(
      'nginx still runs an earlier signalbox.conf',
      'Reload it (nginx -s reload), and tell Signalbox how to do it: --nginx-pid-file or --reload-command.',
    );
  }
  if (wanted > 0 && generation !== wanted) {
    return fail(
      `nginx has our configuration, but does not see generation ${wanted} in ${dir}/run`,
      'It looks at another folder of that name: mount the state folder at the same path for both. Its workers must be able to pass through it, too.',
    );
  }
  return ok('nginx runs the newest signalbox.conf and sees the table');
}

function noAnswer(error: unknown, managed: boolean, dir: string): string {
  const { code } = error as NodeJS.ErrnoException;
  if (managed) return 'Signalbox starts it; its log says why that fails.';
  if (code === 'ECONNREFUSED') {
    return `An nginx that was killed left the socket, on which the next one cannot listen: Signalbox removes it unless its folder is another user's. Then remove ${dir}/control/nginx.sock, and start nginx.`;
  }
  if (code === 'EACCES') return 'Run doctor as the user that Signalbox runs as.';
  return `Put "include ${dir}/current/signalbox*.conf;" into the http block of nginx, before any map (as conf.d/00-signalbox.conf), and mount the state folder at the same path for both. Then look at nginx's own error log.`;
}

/** `current` points to `conf-DIGEST`. */
function digestInPlace(dir: string): string | undefined {
  try {
    return basename(readlinkSync(join(dir, 'current'))).replace(/^conf-/, '');
  } catch {
    return undefined;
  }
}
