import { execFile } from 'node:child_process';
import { SignalboxError } from '../../errors.ts';

/** The oldest Traefik whose file provider and rules are those that we write. */
const OLDEST = [3, 0] as const;
/**
 * The first with routers in layers (`parentRefs`, "multi-layer routing" in Traefik's documentation) that also has them on entry
 * points with settings of their own: 3.6.0 loses the children there.
 */
const LAYERS = [3, 6, 2] as const;

export interface TraefikVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
  /** `3.7.15` */
  readonly text: string;
}

/** Of what `traefik version` or Traefik's API says; undefined for a build of one's own without a number. */
export function parseVersion(text: string): TraefikVersion | undefined {
  const match = /\bv?((\d+)\.(\d+)\.(\d+)\S*)/.exec(text);
  if (!match) return undefined;
  const [, whole = '', ...numbers] = match;
  const [major = 0, minor = 0, patch = 0] = numbers.map(Number);
  return { text: whole, major, minor, patch };
}

/** Throws PROXY_MISSING when the program does not run or is too old. */
export async function readVersion(traefik: string): Promise<TraefikVersion | undefined> {
  const version = parseVersion(/^Version:\s+(\S+)/m.exec(await versionText(traefik))?.[1] ?? '');
  if (version && isBefore(version, OLDEST)) {
    throw new SignalboxError('PROXY_MISSING', `${traefik} is Traefik ${version.text}, which is too old`, {
      hint: `Signalbox needs Traefik ${OLDEST.join('.')} or newer; say where one is with --traefik PATH.`,
    });
  }
  return version;
}

/** Can its routers stand in layers? One whose version is unknown is taken for a new one. */
export function hasLayers(version: TraefikVersion | undefined): boolean {
  return version === undefined || !isBefore(version, LAYERS);
}

/** Can its entry points be told which encoded characters a path may have? Before, all may be there. */
export function knowsEncodedCharacters(version: TraefikVersion | undefined): boolean {
  return version === undefined || !isBefore(version, [3, 6, 4]);
}

/** Can it be told which headers of a request go to the error target with it? Before, all do. */
export function canChooseErrorHeaders(version: TraefikVersion | undefined): boolean {
  return version === undefined || !isBefore(version, [3, 6, 15]);
}

/** Can its services have middlewares? One whose version is unknown may be a 3.6, which would refuse the file. */
export function hasServiceMiddlewares(version: TraefikVersion | undefined): boolean {
  return version !== undefined && !isBefore(version, [3, 7]);
}

/** Can it leave X-Forwarded-For alone? */
export function canKeepForwardedFor(version: TraefikVersion | undefined): boolean {
  return version === undefined || !isBefore(version, [3, 7]);
}

/** Asks Traefik's API: `GET /api/version`. */
export async function apiVersion(api: string): Promise<TraefikVersion | undefined> {
  const answer = await fetch(new URL('/api/version', api), { signal: AbortSignal.timeout(5_000) });
  if (!answer.ok) throw new SignalboxError('PROXY_DOWN', `it answers ${answer.status}`);
  const { Version: text } = (await answer.json()) as { Version?: unknown };
  return parseVersion(String(text));
}

function isBefore({ major, minor, patch }: TraefikVersion, wanted: readonly number[]): boolean {
  const [wantedMajor = 0, wantedMinor = 0, wantedPatch = 0] = wanted;
  if (major !== wantedMajor) return major < wantedMajor;
  return minor === wantedMinor ? patch < wantedPatch : minor < wantedMinor;
}

function versionText(traefik: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(traefik, ['version'], { timeout: 10_000 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout);
      const said = stderr.trim().split('\n', 1)[0];
      reject(
        new SignalboxError('PROXY_MISSING', `${traefik} does not run: ${said || error.message}`, {
          hint: 'Say where Traefik is with --traefik PATH.',
        }),
      );
    });
  });
}
