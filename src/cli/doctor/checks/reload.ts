import { describeError } from '../../../errors.ts';
import { run } from '../../../process/run.ts';
import { runReloadCommand } from '../../../proxies/nginx/reload-command.ts';
import { type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

/** What Signalbox says of a command that failed. */
const FAILED = /the reload command failed: (.*)/;

/** Does the reload command work? */
export async function reload(scene: Scene): Promise<Finding> {
  const { driver, managed, reloadCommand, nginxPidFile } = scene.config;
  if (driver !== 'nginx' || managed) return skipped('only for an nginx that someone else runs');
  if (reloadCommand === undefined) {
    if (nginxPidFile !== undefined) return skipped('nginx is reloaded by its pid file');
    return warn(
      'there is no way to reload nginx: deep routes and pins wait until its owner does',
      'Give --nginx-pid-file or --reload-command.',
    );
  }
  const mend = `Run it by hand as the user of Signalbox, until it exits with 0: ${reloadCommand}`;
  if (scene.tryReload) return await tried(reloadCommand, mend);
  const said = lastFailure(scene);
  if (said !== undefined) return fail(`the reload command failed: ${said}`, mend);
  const [, program = ''] = /^(?:exec +|sudo +(?:-n +)?)?([^\s;|&<>()$`'"]+)/.exec(reloadCommand.trim()) ?? [];
  const isThere = program === '' || (await run('/bin/sh', ['-c', `command -v ${program}`])).failure === undefined;
  if (!isThere) return fail(`the reload command begins with ${program}, which was not found`, mend);
  return ok('the program of the reload command is there (--try-reload runs it)');
}

async function tried(command: string, mend: string): Promise<Finding> {
  try {
    await runReloadCommand(command);
    return ok('the reload command works');
  } catch (error) {
    return fail(describeError(error), mend);
  }
}

function lastFailure({ api }: Scene): string | undefined {
  if ('failure' in api) return undefined;
  return FAILED.exec(api.readiness.reason ?? '')?.[1] ?? FAILED.exec(api.report.lastError?.message ?? '')?.[1];
}
