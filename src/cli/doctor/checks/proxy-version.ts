import { describeError, SignalboxError } from '../../../errors.ts';
import { checkVersion, readVersion } from '../../../proxies/nginx/version.ts';
import { readVersion as readTraefikVersion } from '../../../proxies/traefik/version.ts';
import { parseVersion } from '../../../proxies/version.ts';
import { findProgram } from '../../../system/find-program.ts';
import { type Finding, fail, ok, skipped } from '../check.ts';
import type { Scene } from '../scene.ts';

/** Is the proxy there, and new enough? */
export async function proxyVersion(scene: Scene): Promise<Finding> {
  const { driver, managed, nginx, traefik } = scene.config;
  const name = driver === 'nginx' ? nginx : traefik;
  try {
    const running = runningVersion(scene);
    if (running !== undefined) {
      if (driver === 'nginx') checkVersion('the one that runs', parseVersion(running));
      return ok(`${driver} ${running} runs`);
    }
    const program = findProgram(name);
    if (program === undefined) {
      return managed
        ? fail(`${JSON.stringify(name)} was not found`, `Install ${driver}, or say where it is with --${driver} PATH.`)
        : skipped('the proxy does not answer, and its program is not here');
    }
    if (driver === 'traefik')
      return ok(`${program} is Traefik ${(await readTraefikVersion(program))?.text ?? '(a build without a number)'}`);
    const version = await readVersion(program);
    checkVersion(program, version);
    return ok(version ? `${program} is nginx ${version.text}` : `${program} is a relative of nginx`);
  } catch (error) {
    const hint = error instanceof SignalboxError ? error.hint : undefined;
    return fail(describeError(error), hint ?? `Say where ${driver} is with --${driver} PATH.`);
  }
}

function runningVersion({ api }: Scene): string | undefined {
  return 'failure' in api ? undefined : (api.report.proxy.version ?? undefined);
}
