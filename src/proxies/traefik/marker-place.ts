import { randomBytes } from 'node:crypto';
import { readIfThere, replaceFile } from '../../system/files.ts';
import { freePort } from '../../system/free-port.ts';

/** What a later daemon needs to ask the Traefik that an earlier one left. */
export interface MarkerPlace {
  readonly token: string;
  /** Port of a managed Traefik's private entry point. */
  readonly port: number;
}

/** Reads it from the state folder, or makes a new one. */
export async function markerPlace(file: string): Promise<MarkerPlace> {
  const known = knownMarkerPlace(file);
  if (known) return known;
  const place = { token: randomBytes(18).toString('base64url'), port: await freePort('127.0.0.1') };
  return keep(file, place);
}

/** What an earlier daemon has left. */
export function knownMarkerPlace(file: string): MarkerPlace | undefined {
  return parse(readIfThere(file));
}

/** The same with another port. */
export async function movedMarkerPlace(file: string, { token }: MarkerPlace): Promise<MarkerPlace> {
  return keep(file, { token, port: await freePort('127.0.0.1') });
}

function keep(file: string, place: MarkerPlace): MarkerPlace {
  replaceFile(file, JSON.stringify(place));
  return place;
}

function parse(text: string | undefined): MarkerPlace | undefined {
  try {
    const { token, port } = JSON.parse(text ?? '') as Record<string, unknown>;
    return typeof token === 'string' && /^[\w-]{20,}$/.test(token) && Number.isInteger(port)
      ? { token, port: port as number }
      : undefined;
  } catch {
    return undefined;
  }
}
