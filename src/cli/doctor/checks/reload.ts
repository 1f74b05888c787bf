import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describeError } from '../../../errors.ts';
import { type Check, type Finding, fail, ok, skipped, warn } from '../check.ts';
import type { Scene } from '../scene.ts';

const run = promisify(execFile);
const TIMEOUT_MS = 30_000;
/** What Signalbox says of a command that failed. */
const FAILED = /the reload command failed: (.*)/;

/** Does the reload command work? */
export const reload: Check = {
  id: 'reload',

  async run(scene): Promise<Finding> {
    const { driver, managed, reloadCommand, nginxPidFile, table } = scene.config;
    if (driver !== 'nginx' || managed) return skipped('only for an nginx that someone else runs');
    if (reloadCommand === undefined) {
      if (nginxPidFile !== undefined) return skipped('nginx is reloaded by its pid file');
      const mend = 'Give --nginx-pid-file or --reload-command.';
      return table === 'map'
        ? fail('there is no way to reload nginx, and the table map needs a reload for each change', mend)
        : warn('there is no way to reload nginx: deep routes and pins wait until its owner does', mend);
    }
    const mend = `Run it by hand as the user of Signalbox, until it exits with 0: ${reloadCommand}`;
    if (scene.tryReload) return (await attempt(reloadCommand, mend)) ?? ok('the reload command works');
    const said = lastFailure(scene);
    if (said !== undefined) return fail(`the reload command failed: ${said}`, mend);
    const [, program = ''] = /^(?:exec +|sudo +(?:-n +)?)?([^\s;|&<>()$`'"]+)/.exec(reloadCommand.trim()) ?? [];
    const missing = program !== '' && (await attempt(`command -v ${program}`, mend));
    if (missing) return fail(`the reload command begins with ${program}, which was not found`, mend);
    return ok('the program of the reload command is there (--try-reload runs it)');
  },
};

async function attempt(command: string, mend: string): Promise<Finding | undefined> {
  try {
    await run('/bin/sh', ['-c', command], { timeout: TIMEOUT_MS });
    return undefined;
  } catch (error) {
    const { stderr } = error as { stderr?: string };
    return fail(`the reload command failed: ${stderr?.trim().split('\n').at(-1) || describeError(error)}`, mend);
  }
}

function lastFailure({ api }: Scene): string | undefined {
  if ('failure' in api) return undefined;
  return FAILED.exec(api.readiness.reason ?? '')?.[1] ?? FAILED.exec(api.report.lastError?.message ?? '')?.[1];
}
