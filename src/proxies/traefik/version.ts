import { SignalboxError } from '../../errors.ts';
import { ask } from '../../process/ask.ts';
import { versionText } from '../../process/version-text.ts';
import { requireProgram } from '../../system/find-program.ts';
import { checkOldest, isBefore, parseVersion, type Version } from '../version.ts';

/** The oldest Traefik whose file provider and rules are those that we write. */
const OLDEST = [3, 0];
/**
 * The first with routers in layers (`parentRefs`, "multi-layer routing" in Traefik's documentation) that also has them on entry
 * points with settings of their own: 3.6.0 loses the children there.
 */
const LAYERS = [3, 6, 2];

/** Throws PROXY_MISSING when the program does not run or is too old; undefined for a custom build without a version number. */
export async function readVersion(traefik: string): Promise<Version | undefined> {
  const text = await versionText(traefik, ['version'], 'Say where Traefik is with --traefik PATH.');
  const version = parseVersion(/^Version:\s+(\S+)/m.exec(text)?.[1] ?? '');
  checkOldest({ program: traefik, proxy: 'Traefik' }, version, OLDEST);
  return version;
}

/** Can routers have parents? An unknown version is taken for a new one. */
export function hasLayers(version: Version | undefined): boolean {
  return version === undefined || !isBefore(version, LAYERS);
}

/** Can its entry points be told which encoded characters a path may have? Before, all may be there. */
export function knowsEncodedCharacters(version: Version | undefined): boolean {
  return version === undefined || !isBefore(version, [3, 6, 4]);
}

/** Can it be told which request headers the error target gets? Before, it gets all. */
export function canChooseErrorHeaders(version: Version | undefined): boolean {
  return version === undefined || !isBefore(version, [3, 6, 15]);
}

/** Can services have middlewares? An unknown version may be a 3.6, which would refuse the file. */
export function hasServiceMiddlewares(version: Version | undefined): boolean {
  return version !== undefined && !isBefore(version, [3, 7]);
}

/** Can it leave X-Forwarded-For alone? */
export function canKeepForwardedFor(version: Version | undefined): boolean {
  return version === undefined || !isBefore(version, [3, 7]);
}

/** Asks Traefik's API: `GET /api/version`. */
export async function apiVersion(api: string): Promise<Version | undefined> {
  const answer = await ask(api, '/api/version', { timeoutMs: 5_000 });
  if (answer.status !== 200) throw new SignalboxError('PROXY_DOWN', `it answers ${answer.status}`);
  const { Version: text } = JSON.parse(answer.text) as { Version?: unknown };
  return parseVersion(String(text));
}

/** Throws PROXY_MISSING when there is none. */
export function requireTraefik(name: string): string {
  return requireProgram(name, 'Traefik', 'Install Traefik 3.6 or newer, or say where it is with --traefik PATH.');
}
